-- Takes uses of sessions of one shard that happened a while ago. Each counts if its session was live then and still is.
-- ARGV[6], ARGV[9], ... user id   ARGV[7], ... session id   ARGV[8], ... age ms of its use
-- Returns nothing
for i = 6, #ARGV, 3 do
  user_key, cutoff = prefix .. ARGV[i], nil
  local packed = redis.call('HGET', user_key, ARGV[i + 1])
  local session = packed and unpack_session(ARGV[i + 1], packed)
  local used_at = now - tonumber(ARGV[i + 2])
  if session and session.reason == 0 and not find_cutoff() and used_at > session.seen_at
    and used_at < deadline(session) then
    session.seen_at = used_at
    save(session)
  end
end
return answer()

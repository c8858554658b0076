-- Takes uses of the user's sessions that happened a while ago. Each counts if its session was live then and still is.
-- ARGV[6], ARGV[8], ... session id   ARGV[7], ARGV[9], ... age ms of its use
-- Returns nothing
if find_cutoff() then return answer() end
for i = 6, #ARGV, 2 do
  local packed = redis.call('HGET', user_key, ARGV[i])
  local session = packed and unpack_session(ARGV[i], packed)
  local used_at = now - tonumber(ARGV[i + 1])
  if session and session.reason == 0 and used_at > session.seen_at and used_at < deadline(session) then
    session.seen_at = used_at
    save(session)
  end
end
return answer()

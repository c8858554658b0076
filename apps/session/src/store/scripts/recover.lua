-- Ends sessions of a doubtful shard that are known to have ended; the last step ends the doubt. KEYS[1] and ARGV[1] name no
-- user.
-- ARGV[6] replication id of the server when it was asked what it lacks
-- ARGV[7] 'more' | 'last' | 'everyone': the last step, and nobody can say what has ended, so that all have
-- ARGV[8], ... user id   ARGV[9], ... session id   ARGV[10], ... reason   ARGV[11], ... ms of its end
-- Returns 1, or 0 where the server is another one by now, and nothing was done
if not is_primary then return redis.error_reply('READONLY this server is a replica') end
if server_id ~= ARGV[6] then return answer(0) end
for i = 8, #ARGV, 4 do
  user_id, user_key, cutoff = ARGV[i], prefix .. ARGV[i], nil
  local packed = redis.call('HGET', user_key, ARGV[i + 1])
  local session = packed and unpack_session(ARGV[i + 1], packed)
  if session and session.reason == 0 then
    -- It was told of when it ended: the event is where we know it from.
    session.reason, session.token_hash = code_of(REASONS, ARGV[i + 2]), ''
    session.turned_at = math.max(session.created_at, math.min(tonumber(ARGV[i + 3]), now))
    save(session)
    doubted_sessions[#doubted_sessions + 1] = session.id
  end
end
if ARGV[7] == 'everyone' then end_everyone('') end
if ARGV[7] ~= 'more' then redis.call('SET', lineage_key, string.format('%s %.0f', server_id, now)) end
return answer(1)

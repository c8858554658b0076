-- Ends every live session of the user but one, and refuses sign-ins that were verified under an older epoch.
-- ARGV[6] id of the session that goes on, or empty   ARGV[7] reason   ARGV[8] epoch, or empty
-- Returns how many were ended
local epoch = tonumber(ARGV[8])
if epoch and epoch > tonumber(redis.call('HGET', user_key, 'f') or '0') then
  redis.call('HSET', user_key, 'f', string.format('%.0f', epoch))
end
local sessions, fields = load_sessions()
local ended = 0
for _, session in ipairs(sessions) do
  if session.reason == 0 and session.id ~= ARGV[6] then
    end_session(session, ARGV[7], now, fields)
    ended = ended + 1
  end
end
settle(sessions)
return answer(ended)

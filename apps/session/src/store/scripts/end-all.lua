-- Ends every live session of the user but one, and refuses sign-ins that were verified under an older epoch.
-- ARGV[6] id of the session that goes on, or empty   ARGV[7] reason   ARGV[8] epoch, or empty
-- ARGV[9] actor as JSON text, or empty
-- With an epoch only those end that were opened before it was first heard of: the call may come late, and again. None
-- end for an epoch that a newer one has overtaken: what was opened before both is the newer one's to end.
-- Returns how many were ended
if deleted_at() then return answer(0) end
local epoch, last_slot = tonumber(ARGV[8]), math.huge
if epoch then
  raise_floor(epoch)
  local floor, mark = unpack(redis.call('HMGET', user_key, 'f', 'g'))
  last_slot = epoch < tonumber(floor or '0') and 0 or tonumber(mark) or math.huge
end
local sessions, fields = load_sessions()
local ended = 0
for _, session in ipairs(sessions) do
  if session.reason == 0 and session.slot <= last_slot and session.id ~= ARGV[6] then
    end_session(session, ARGV[7], now, fields, ARGV[9])
    ended = ended + 1
  end
end
settle(sessions)
return answer(ended)

-- Ends every live session of the user but one, and refuses sign-ins that were verified under an older epoch.
-- ARGV[6] id of the session that goes on, or empty   ARGV[7] reason   ARGV[8] epoch, or empty
-- ARGV[9] actor as JSON text, or empty
-- With an epoch only those end that were opened before it was first heard of: the call may come late, and again. Where
-- that is not known, because a newer one came first or many have since, the next one that is known stands for it:
-- whatever that one spares is not spared by this one.
-- Returns how many were ended
if deleted_at() then return answer(0) end

-- The last session, by its slot, that was opened before.
local function last_before(epoch)
  local mark, former = unpack(redis.call('HMGET', user_key, 'g', 'h'))
  for noted, slot in string.gmatch(former or '', '(%d+):(%d+)') do
    if tonumber(noted) >= epoch then return tonumber(slot) end
  end
  return tonumber(mark) or math.huge
end

local epoch, last_slot = tonumber(ARGV[8]), math.huge
if epoch then
  raise_floor(epoch)
  last_slot = last_before(epoch)
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

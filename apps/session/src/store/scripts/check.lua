-- Judges a session; with a step, counts this as its user's activity.
-- ARGV[6] session id   ARGV[7] least ms between two writes of the last activity, empty for none at all
-- Returns 'unknown' | 'ended', reason, ended ms | 'blocked', now, block's end ms or 0
--       | 'active', now, session, profile text
local session = find_session(ARGV[6])
if not session then
  local at = deleted_at()
  if at then return answer('ended', 'user_deleted', at) end
  return answer('unknown')
end
if session.reason ~= 0 then return answer('ended', REASONS[session.reason], session.turned_at) end
local block = find_block()
if block then return answer('blocked', now, block) end
if ARGV[7] ~= '' then touch(session, tonumber(ARGV[7])) end
return answer('active', now, describe(session), read_text('p'))

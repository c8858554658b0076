-- Lists sessions, newest first.
-- ARGV[6] state: active, ended or all   ARGV[7] most of them
-- ARGV[8] slot of the session after which to begin, or empty
-- Returns sessions, 1 when there are more
local most, before = tonumber(ARGV[7]), tonumber(ARGV[8]) or math.huge
local sessions, fields = load_sessions()
sessions = settle(sessions)
local listed = {}
for i = #sessions, 1, -1 do
  local session = sessions[i]
  local is_wanted = ARGV[6] == 'all' or (ARGV[6] == 'active') == (session.reason == 0)
  if is_wanted and session.slot < before then
    if #listed == most then return answer(listed, 1) end
    listed[#listed + 1] = describe(session, fields)
  end
end
return answer(listed, 0)

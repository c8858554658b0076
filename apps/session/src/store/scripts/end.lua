-- Ends a session. One that has ended stays as it is.
-- ARGV[6] session id   ARGV[7] reason   ARGV[8] actor as JSON text, or empty
-- Returns 'unknown' | 'ended', session
local session = find_session(ARGV[6])
if not session then return answer('unknown') end
local described
if session.reason == 0 then
  end_session(session, ARGV[7], now, nil, ARGV[8])
  described = describe(session)
  settle((load_sessions()))
end
return answer('ended', described or describe(session))

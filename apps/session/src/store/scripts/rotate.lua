-- Takes a refresh token that carries our seal in exchange for its successor. The same token gets the same successor
-- again while the grace lasts and the successor is unused; any other second use ends the session.
-- ARGV[6] session id                ARGV[7] counter of the token      ARGV[8] its SHA-256
-- ARGV[9] SHA-256 of its successor  ARGV[10] grace ms
-- Returns 'unknown' | 'ended', reason, ended ms | 'blocked', now, block's end ms or 0 | 'reused', reason, ended ms
--       | 'rotated', now, session, profile text
local session = find_session(ARGV[6])
if not session then
  local at = deleted_at()
  if at then return answer('ended', 'user_deleted', at) end
  return answer('unknown')
end
if session.reason ~= 0 then return answer('ended', REASONS[session.reason], session.turned_at) end
local behind = session.counter - tonumber(ARGV[7])
if behind < 0 or session.token_hash == '' then return answer('unknown') end
-- A token that is refused for a block is as good as before once the block is over.
local block = find_block()
if block then return answer('blocked', now, block) end

if behind == 0 then
  if session.token_hash ~= ARGV[8] then return answer('unknown') end
  session.counter, session.token_hash, session.turned_at = session.counter + 1, ARGV[9], now
  save(session)
elseif behind > 1 or session.token_hash ~= ARGV[9] or now - session.turned_at >= tonumber(ARGV[10]) then
  end_session(session, 'refresh_reuse', now)
  settle((load_sessions()))
  return answer('reused', 'refresh_reuse', now)
end
return answer('rotated', now, describe(session), read_text('p'))

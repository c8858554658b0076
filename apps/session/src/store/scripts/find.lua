-- Finds a session by its id alone. KEYS[1] and ARGV[1] name no user: the one it finds takes their place.
-- ARGV[6] session id
-- Returns 'unknown' | 'found', user id, session
local owner = find_owner(ARGV[6])
if not owner then return answer('unknown') end
user_id, user_key = owner, prefix .. owner
local session = find_session(ARGV[6])
if not session then return answer('unknown') end
return answer('found', owner, describe(session))

-- KEYS[1]  state of the user, a hash (see judge-user.lua)
-- Returns when the user was last seen, in ms since 1970, or -1
return tonumber(redis.call('HGET', KEYS[1], 'lastSeen') or '') or -1

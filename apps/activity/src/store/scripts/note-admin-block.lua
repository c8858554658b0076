-- Notes a block by an admin, or its end; what is older than what is noted already changes nothing.
--
-- KEYS[1]  state of the user, a hash (see judge-user.lua): adminUntil, and in adminAt when that was decided
-- KEYS[2]  mark of a deleted user, of whom nothing is kept
-- ARGV[1]  when it was decided, in ms since 1970
-- ARGV[2]  until when the block holds, in ms since 1970; 0 for one without an end
-- ARGV[3]  how long the state of a user who never comes back is kept, in ms

if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local known = tonumber(redis.call('HGET', KEYS[1], 'adminAt') or '')
if known and tonumber(ARGV[1]) < known then return 0 end
redis.call('HSET', KEYS[1], 'adminAt', ARGV[1], 'adminUntil', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 0

-- Counts one more within a time that begins with the first.
--
-- KEYS[1]  the count
-- ARGV[1]  how long it is counted in, in ms
--
-- Returns the count.

local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count

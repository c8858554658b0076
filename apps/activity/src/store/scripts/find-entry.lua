-- One entry of a user's timeline.
--
-- KEYS[1]  the entries (see append-entries.lua)
-- ARGV[1]  id
--
-- Returns its JSON, '' where it is not, or no longer, there.

local value = redis.call('HGET', KEYS[1], ARGV[1])
return value and string.sub(value, (string.find(value, ' ', 1, true)) + 1) or ''

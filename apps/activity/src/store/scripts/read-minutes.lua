-- Reads what was counted in a shard; `minutes.lua` comes before.
--
-- KEYS[1]  the hash `minutes`
--
-- Returns this minute since 1970, { field, count, ... }

local time = redis.call('TIME')
return { minuteOf(tonumber(time[1]) * 1000), redis.call('HGETALL', KEYS[1]) }

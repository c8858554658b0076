-- Notes that uses are heard of now, by the server's clock.
--
-- KEYS[1]  a hash: heardAt, the last time that this was noted, and since, from when on without a gap (ms since 1970)
-- ARGV[1]  so long between two notes, in ms, is a gap
-- ARGV[2]  '1' where some uses have been lost since this was noted last
--
-- Returns since. Anything odd is a gap: nothing noted, as on a server that is new, or a clock that has gone back.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local noted = redis.call('HMGET', KEYS[1], 'heardAt', 'since')
local heardAt, since = tonumber(noted[1] or ''), tonumber(noted[2] or '')

local isWhole = heardAt and since and now >= heardAt and now - heardAt < tonumber(ARGV[1]) and ARGV[2] ~= '1'
if not isWhole then since = now end
redis.call('HSET', KEYS[1], 'heardAt', string.format('%.0f', now), 'since', string.format('%.0f', since))
return since

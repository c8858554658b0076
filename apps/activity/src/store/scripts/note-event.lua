-- Notes that an event of the stream is about a user, so that it can be found when the user is deleted.
--
-- KEYS[1]  the numbers of the user's events in the stream, a sorted set by the time they were noted
-- KEYS[2]  mark of a deleted user
-- ARGV[1]  number of the event
-- ARGV[2]  for how long the stream keeps an event at most, in ms
--
-- Returns 1, or 0 when the user was deleted: the event is not to be kept.

if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now - tonumber(ARGV[2])))
redis.call('ZADD', KEYS[1], 'NX', string.format('%.0f', now), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1

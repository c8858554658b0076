-- Keeps an event that an endpoint has not accepted, instead of what was kept under its number before.
--
-- KEYS[1]  the endpoint's letters, a sorted set by the events' numbers in the stream
-- ARGV[1]  number of the event        ARGV[2]  the letter as JSON text
-- ARGV[3]  how many are kept          ARGV[4]  for how long the stream keeps an event at most, in ms

redis.call('ZREMRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[3]))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1

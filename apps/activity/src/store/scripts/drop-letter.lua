-- KEYS[1]  the endpoint's letters (see keep-letter.lua)
-- ARGV[1]  number of the event
return redis.call('ZREMRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[1])

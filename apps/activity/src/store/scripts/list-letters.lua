-- KEYS[1]  the endpoint's letters (see keep-letter.lua)
return redis.call('ZRANGE', KEYS[1], 0, -1)

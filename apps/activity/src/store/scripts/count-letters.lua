-- KEYS[1]  the endpoint's letters (see keep-letter.lua)
return redis.call('ZCARD', KEYS[1])

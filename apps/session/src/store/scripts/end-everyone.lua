-- Ends every live session of the shard, whoever has it. KEYS[1] and ARGV[1] name no user.
-- ARGV[6] who ends them, as JSON text
-- Returns how many there were
local ended = count_live()
redis.call('DEL', live_key())
local step = redis.call('HINCRBY', everyone_key, 'n', 1)
redis.call('HSET', everyone_key, step, string.format('%.0f ', now) .. ARGV[6])
redis.call('HDEL', everyone_key, step - KEPT_STEPS)
is_everyone_doubted = true
return answer(ended)

-- Which ends of everyone's sessions a shard has seen, and which of them the sweep has been through. KEYS[1] and ARGV[1]
-- name no user.
-- ARGV[6] how many the sweep has been through now, empty to ask only
-- Returns how many there were, how many of them are swept
if ARGV[6] ~= '' then redis.call('HSET', everyone_key, 's', ARGV[6]) end
local steps, swept = unpack(redis.call('HMGET', everyone_key, 'n', 's'))
return answer(tonumber(steps or '0'), tonumber(swept or '0'))

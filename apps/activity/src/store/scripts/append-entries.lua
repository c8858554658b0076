-- Adds entries to a user's timeline and cuts it to its length and age. An entry whose id is there already is left as it is.
--
-- KEYS[1]  order of the timeline, a sorted set of '<ms since 1970, 15 digits>:<id>', all with score 0
-- KEYS[2]  the entries, a hash from id to '<kind> <JSON>'
-- KEYS[3]  mark of a deleted user, of whom nothing is kept
-- ARGV[1]  largest number of entries
-- ARGV[2]  age in ms from which an entry is dropped
-- ARGV[3]… for each entry: ms since 1970 (15 digits), id, '<kind> <JSON>'

if redis.call('EXISTS', KEYS[3]) == 1 then return 0 end

for i = 3, #ARGV, 3 do
  if redis.call('HSETNX', KEYS[2], ARGV[i + 1], ARGV[i + 2]) == 1 then
    redis.call('ZADD', KEYS[1], 0, ARGV[i] .. ':' .. ARGV[i + 1])
  end
end

local function drop(members)
  for _, member in ipairs(members) do
    redis.call('ZREM', KEYS[1], member)
    redis.call('HDEL', KEYS[2], string.sub(member, 17))
  end
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local oldest = string.format('%015.0f', now - tonumber(ARGV[2]))
drop(redis.call('ZRANGEBYLEX', KEYS[1], '-', '(' .. oldest))

local excess = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[1])
if excess > 0 then drop(redis.call('ZRANGE', KEYS[1], 0, excess - 1)) end

redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 0

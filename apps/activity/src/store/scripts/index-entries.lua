-- Adds entries of one user to those of everybody and cuts them to their number and age. Known ids change nothing.
--
-- KEYS[1]  order of all entries, as that of a timeline (see append-entries.lua); beside it '<KEYS[1]>:<kind>' for each kind
-- KEYS[2]  the entries, a hash from id to '<kind> <JSON>'
-- ARGV[1]  largest number of entries
-- ARGV[2]  age in ms from which an entry is dropped
-- ARGV[3]… for each entry: ms since 1970 (15 digits), id, kind, JSON

-- A step of cleaning up, so that no call has to do the work of many.
local CHUNK = 100

local function order_of(kind)
  return KEYS[1] .. ':' .. kind
end

for i = 3, #ARGV, 4 do
  local id, kind = ARGV[i + 1], ARGV[i + 2]
  if redis.call('HSETNX', KEYS[2], id, kind .. ' ' .. ARGV[i + 3]) == 1 then
    redis.call('ZADD', KEYS[1], 0, ARGV[i] .. ':' .. id)
    redis.call('ZADD', order_of(kind), 0, ARGV[i] .. ':' .. id)
    redis.call('PEXPIRE', order_of(kind), ARGV[2])
  end
end

local function drop(members)
  for _, member in ipairs(members) do
    local id = string.sub(member, 17)
    local value = redis.call('HGET', KEYS[2], id)
    if value then redis.call('ZREM', order_of(string.match(value, '^%S+')), member) end
    redis.call('ZREM', KEYS[1], member)
    redis.call('HDEL', KEYS[2], id)
  end
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local oldest = string.format('%015.0f', now - tonumber(ARGV[2]))
drop(redis.call('ZRANGEBYLEX', KEYS[1], '-', '(' .. oldest, 'LIMIT', 0, CHUNK))

local excess = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[1])
if excess > 0 then drop(redis.call('ZRANGE', KEYS[1], 0, math.min(excess, CHUNK) - 1)) end

redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 0

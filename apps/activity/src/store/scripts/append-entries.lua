-- Adds entries to a user's timeline and cuts it to its length and age. An entry whose id is there already is left as it is.
-- `minutes.lua` comes before.
--
-- KEYS[1]  order of the timeline, a sorted set of '<ms since 1970, 15 digits>:<id>', all with score 0
-- KEYS[2]  the entries, a hash from id to '<kind> <position> <JSON>'; older ones have no position
-- KEYS[3]  order of recording, a stream of ids: the place of an entry in it is its position
-- ARGV[1]  largest number of entries
-- ARGV[2]  age in ms from which an entry is dropped
-- ARGV[3]… for each entry: ms since 1970 (15 digits), id, kind, JSON
--
-- Returns the position of each entry, '' where it has none.

local COUNTED = { sign_in_failed = 'f', user_blocked = 'b' }
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local positions = {}
for i = 3, #ARGV, 4 do
  local id = ARGV[i + 1]
  local known = redis.call('HGET', KEYS[2], id)
  if known then
    positions[#positions + 1] = string.match(known, '^%S+ (%d+%-%d+) ') or ''
  else
    local position = redis.call('XADD', KEYS[3], 'MAXLEN', ARGV[1], '*', 'id', id)
    redis.call('HSET', KEYS[2], id, ARGV[i + 2] .. ' ' .. position .. ' ' .. ARGV[i + 3])
    redis.call('ZADD', KEYS[1], 0, ARGV[i] .. ':' .. id)
    positions[#positions + 1] = position
    local counted = COUNTED[ARGV[i + 2]]
    if counted then countIn(counted, tonumber(ARGV[i]), now) end
  end
end

local function drop(members)
  for _, member in ipairs(members) do
    redis.call('ZREM', KEYS[1], member)
    redis.call('HDEL', KEYS[2], string.sub(member, 17))
  end
end

local oldest = string.format('%015.0f', now - tonumber(ARGV[2]))
drop(redis.call('ZRANGEBYLEX', KEYS[1], '-', '(' .. oldest))
redis.call('XTRIM', KEYS[3], 'MINID', string.format('%.0f', now - tonumber(ARGV[2])))

local excess = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[1])
if excess > 0 then drop(redis.call('ZRANGE', KEYS[1], 0, excess - 1)) end

for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
return positions

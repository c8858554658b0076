-- Adds entries to a user's timeline and cuts it to its length and age. An entry whose id is there already is left as it is.
-- `minutes.lua` comes before.
--
-- KEYS[1]  order of the timeline, a sorted set of '<ms since 1970, 15 digits>:<id>', all with score 0
-- KEYS[2]  the entries, a hash from id to '<kind> <JSON>'
-- KEYS[3]  order of recording, a stream of ids: the place of an entry in it is its position
-- KEYS[4]  mark of a deleted user, of whom nothing is kept
-- ARGV[1]  largest number of entries
-- ARGV[2]  age in ms from which an entry is dropped
-- ARGV[3]… for each entry: ms since 1970 (15 digits), id, kind, JSON
--
-- Returns 1; nothing for a user who was deleted.

if redis.call('EXISTS', KEYS[4]) == 1 then return false end

local COUNTED = { sign_in_failed = 'f', user_blocked = 'b' }
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
for i = 3, #ARGV, 4 do
  local id = ARGV[i + 1]
  if redis.call('HSETNX', KEYS[2], id, ARGV[i + 2] .. ' ' .. ARGV[i + 3]) == 1 then
    redis.call('ZADD', KEYS[1], 0, ARGV[i] .. ':' .. id)
    redis.call('XADD', KEYS[3], 'MAXLEN', ARGV[1], '*', 'id', id)
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
return 1

-- Moves the last-seen of users forward to times that are known from elsewhere; never back, never into the future.
-- `minutes.lua` comes before.
--
-- KEYS      of each user the state, a hash (see judge-user.lua), and the mark of one who was deleted and of whom nothing is kept
-- ARGV[1]   'at' or 'age'
-- ARGV[2]   how long the state of a user who never comes back is kept, in ms
-- ARGV[3…]  for each user the time in ms since 1970, or how many ms ago it was

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

for place = 1, #KEYS / 2 do
  local key, mark = KEYS[2 * place - 1], KEYS[2 * place]
  local given = tonumber(ARGV[place + 2])
  local seen = math.min(ARGV[1] == 'at' and given or now - given, now)
  local lastSeen = tonumber(redis.call('HGET', key, 'lastSeen') or '') or 0
  if seen > lastSeen and redis.call('EXISTS', mark) == 0 then
    countActivity(lastSeen, seen, now)
    redis.call('HSET', key, 'lastSeen', string.format('%.0f', seen))
    redis.call('PEXPIRE', key, ARGV[2])
  end
end
return 0

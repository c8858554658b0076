-- Moves a user's last-seen forward to a time that is known from elsewhere; never back, never into the future.
--
-- KEYS[1]  state of the user, a hash (see judge-user.lua)
-- KEYS[2]  mark of a deleted user, of whom nothing is kept
-- ARGV[1]  'at' or 'age'
-- ARGV[2]  time in ms since 1970, or how many ms ago it was
-- ARGV[3]  how long the state of a user who never comes back is kept, in ms

if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local seen = math.min(ARGV[1] == 'at' and tonumber(ARGV[2]) or now - tonumber(ARGV[2]), now)
local lastSeen = tonumber(redis.call('HGET', KEYS[1], 'lastSeen') or '') or 0

if seen > lastSeen then
  redis.call('HSET', KEYS[1], 'lastSeen', string.format('%.0f', seen))
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 0

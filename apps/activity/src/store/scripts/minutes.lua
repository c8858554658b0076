-- What scripts begin with that count what happens, so that nobody has to go through all users to know how much it was.
--
-- Beside the users of a shard there is a hash `minutes`; each minute is that since 1970:
--   a<minute>  users who did anything in it
--   u<minute>  users who did something last in it: those of the last hour together are all who did anything
--   f<minute>  sign-ins that failed
--   b<minute>  blocks that began

local MINUTES = 60
local minutesKey = string.match(KEYS[1], '^.-}:') .. 'minutes'

local function minuteOf(ms)
  return math.floor(ms / 60000)
end

-- What is over goes when a minute is counted in for the first time.
local function countIn(kind, at, now)
  local first = minuteOf(now) - MINUTES + 1
  if minuteOf(at) < first or redis.call('HINCRBY', minutesKey, kind .. minuteOf(at), 1) > 1 then return end
  for _, field in ipairs(redis.call('HKEYS', minutesKey)) do
    if tonumber(string.sub(field, 2)) < first then redis.call('HDEL', minutesKey, field) end
  end
  redis.call('PEXPIRE', minutesKey, (MINUTES + 1) * 60000)
end

-- To be called whenever the last activity of a user moves from `before`, 0 for none, to `at`.
local function countActivity(before, at, now)
  if minuteOf(before) == minuteOf(at) then return end
  local last = 'u' .. minuteOf(before)
  if redis.call('HEXISTS', minutesKey, last) == 1 then redis.call('HINCRBY', minutesKey, last, -1) end
  countIn('u', at, now)
  countIn('a', at, now)
end


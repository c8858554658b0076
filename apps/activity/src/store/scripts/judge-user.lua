-- Judges whether a user may act, and does what follows from it, in one step and by the server's clock. `minutes.lua` comes
-- before.
--
-- KEYS[1]  state of the user, a hash: lastSeen, blockedUntil, blockReason (times in ms since 1970), and of a block by an
--          admin adminUntil, 0 for one without an end (see note-admin-block.lua)
-- KEYS[2]  outbox of the user's shard
-- KEYS[3]  what the shard has still to announce to those who keep verdicts
-- KEYS[4]  mark of a deleted user, of whom nothing is kept: their sessions are what has ended
-- ARGV[1]  user id
-- ARGV[2]  purpose: 'request', 'sign_in', or 'background', which changes nothing
-- ARGV[3]  length of the inactivity window in ms; 0 where inactivity blocking is off
-- ARGV[4]  length of a block in ms
-- ARGV[5]  how long the state of a user who never comes back is kept, in ms
-- ARGV[6]  since when all uses have been heard of, in ms since 1970; a time to come for "nobody can say"
--
-- Returns { 'blocked', now, lastSeen, reason, blockedUntil, id of the entry to announce if this call began the block, else '' }
--      or { 'admitted', now, lastSeen, windowStart, adminUntil }, where -1 stands for "never".
-- A block by an admin is another service's to enforce: here it only stops the clock of inactivity.
-- Active means: strictly before the end of the window. Blocked means: strictly before the end of the block.

-- ISO 8601 in UTC with milliseconds; days to a date as in Hinnant's "chrono-compatible low-level date algorithms".
local function timestamp(ms)
  local days = math.floor(ms / 86400000) + 719468
  local era = math.floor(days / 146097)
  local dayOfEra = days - era * 146097
  local leaps = math.floor(dayOfEra / 1460) - math.floor(dayOfEra / 36524) + math.floor(dayOfEra / 146096)
  local yearOfEra = math.floor((dayOfEra - leaps) / 365)
  local dayOfYear = dayOfEra - (365 * yearOfEra + math.floor(yearOfEra / 4) - math.floor(yearOfEra / 100))
  local shiftedMonth = math.floor((5 * dayOfYear + 2) / 153)
  local day = dayOfYear - math.floor((153 * shiftedMonth + 2) / 5) + 1
  local month = shiftedMonth < 10 and shiftedMonth + 3 or shiftedMonth - 9
  local year = yearOfEra + era * 400 + (month <= 2 and 1 or 0)
  local rest = ms % 86400000
  return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ', year, month, day, math.floor(rest / 3600000),
    math.floor(rest / 60000) % 60, math.floor(rest / 1000) % 60, rest % 1000)
end

local function digits(ms)
  return string.format('%.0f', ms)
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if redis.call('EXISTS', KEYS[4]) == 1 then return { 'admitted', now, -1, -1 } end

local purpose, windowMs, blockMs = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local state = redis.call('HMGET', KEYS[1], 'lastSeen', 'blockedUntil', 'blockReason', 'adminUntil')
local lastSeen = tonumber(state[1] or '')
local blockedUntil = tonumber(state[2] or '')
local adminUntil = tonumber(state[4] or '')

if blockedUntil and now < blockedUntil then
  return { 'blocked', now, lastSeen or -1, state[3], blockedUntil, '' }
end

-- A block that is over has judged what was before it: the window starts anew with what comes after.
local windowStart = lastSeen
if blockedUntil and lastSeen and lastSeen < blockedUntil then windowStart = nil end
if adminUntil and lastSeen and (adminUntil == 0 or lastSeen < adminUntil) then windowStart = nil end

-- Who was active while nobody heard of it is not known: the window starts anew with the end of that time.
if windowStart then windowStart = math.max(windowStart, math.min(tonumber(ARGV[6]), now)) end

if purpose == 'request' and windowMs > 0 and windowStart and now >= windowStart + windowMs then
  blockedUntil = now + blockMs
  redis.call('HSET', KEYS[1], 'blockedUntil', digits(blockedUntil), 'blockReason', 'inactivity')
  redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[5]), blockMs))
  redis.call('XADD', KEYS[2], '*', 'event', cjson.encode({
    id = ARGV[1] .. ':blocked:' .. digits(now),
    version = 1,
    name = 'userBlocked',
    userId = ARGV[1],
    occurredAt = timestamp(now),
    payload = { reason = 'inactivity', blockedUntil = timestamp(blockedUntil) }
  }))
  local entry = redis.call('XADD', KEYS[3], '*', 'item', cjson.encode({ kind = 'user', id = ARGV[1] }))
  return { 'blocked', now, lastSeen, 'inactivity', blockedUntil, entry }
end

if purpose ~= 'background' then
  local before = lastSeen or 0
  lastSeen = math.max(before, now)
  countActivity(before, lastSeen, now)
  windowStart = lastSeen
  redis.call('HSET', KEYS[1], 'lastSeen', digits(lastSeen))
  if blockedUntil then redis.call('HDEL', KEYS[1], 'blockedUntil', 'blockReason') end
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end

if adminUntil and adminUntil ~= 0 and adminUntil <= now then adminUntil = nil end
return { 'admitted', now, lastSeen or -1, windowStart or -1, adminUntil or -1 }

-- What scripts begin with that count attempts at a secret, by the server's clock. Times are in ms since 1970.
--
-- KEYS[1]  attempts at one account, or from one source, a hash:
--   b<budget>  "failed pending overdue locked": how many were wrong in a row, how many are being judged, when the latter
--              count as wrong if nobody has said how they ended, and until when nothing is taken
--   k<place>   when a secret was last right there
-- KEYS[2]  for an account: mark of a deleted user, of whom nothing is kept
-- ARGV[1]  how many wrong ones in a row cost no time
-- ARGV[2]  how many there may be at most
-- ARGV[3]  how long nothing is taken after the last one that cost no time, in ms; after each further one twice as long
-- ARGV[4]  how long at most
-- ARGV[5]  how long an attempt may be pending
-- ARGV[6]  how long the hash is kept
-- ARGV[7]  since when: the 'first' attempt, or the 'last' that was wrong

local FREE, MOST, FIRST_DELAY, LONGEST_DELAY = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local PATIENCE, KEPT, SINCE = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local function isErased()
  return KEYS[2] and redis.call('EXISTS', KEYS[2]) == 1
end

local function addFailures(budget, count, at)
  budget.failed = math.min(budget.failed + count, MOST)
  if budget.failed < FREE then return end
  budget.locked = at + math.min(FIRST_DELAY * 2 ^ (budget.failed - FREE), LONGEST_DELAY)
end

local function readBudget(name)
  local text = redis.call('HGET', KEYS[1], 'b' .. name) or '0 0 0 0'
  local failed, pending, overdue, locked = string.match(text, '^(%d+) (%d+) (%d+) (%d+)$')
  local budget = { failed = tonumber(failed), pending = tonumber(pending), overdue = tonumber(overdue), locked = tonumber(locked) }
  if budget.pending > 0 and now >= budget.overdue then
    addFailures(budget, budget.pending, budget.overdue)
    budget.pending = 0
  end
  return budget
end

local function writeBudget(name, budget)
  if budget.failed == 0 and budget.pending == 0 then
    redis.call('HDEL', KEYS[1], 'b' .. name)
    return
  end
  local text = string.format('%d %d %.0f %.0f', budget.failed, budget.pending, budget.overdue, budget.locked)
  redis.call('HSET', KEYS[1], 'b' .. name, text)
end

local function keepFor(ms)
  local left = redis.call('PTTL', KEYS[1])
  if left == -1 or (SINCE == 'last' and left < ms) then redis.call('PEXPIRE', KEYS[1], ms) end
end


-- Settles an attempt that was taken from a budget; `budgets.lua` comes before.
--
-- ARGV[8]  the budget
-- ARGV[9]  'right': it begins anew; 'wrong'; 'void': as if it had never been taken
-- ARGV[10] how many places are known at most
-- ARGV[11] how long a place is known after a secret was right there, in ms
-- ARGV[12]… the places where this one was tried
--
-- Returns 1 if the budget came to its limit by this very attempt, else 0.

local MOST_PLACES, KNOWN = tonumber(ARGV[10]), tonumber(ARGV[11])

local function listPlaces()
  local places, fields = {}, redis.call('HGETALL', KEYS[1])
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 1) == 'k' then
      places[#places + 1] = { name = string.sub(fields[i], 2), at = tonumber(fields[i + 1]) }
    end
  end
  table.sort(places, function(a, b) return a.at > b.at end)
  return places
end

local function learn(place)
  if redis.call('HSET', KEYS[1], 'k' .. place, string.format('%.0f', now)) == 0 then return end
  for rank, known in ipairs(listPlaces()) do
    if rank > MOST_PLACES or known.at + KNOWN <= now then
      redis.call('HDEL', KEYS[1], 'k' .. known.name, 'b' .. known.name)
    end
  end
end

if isErased() then return 0 end
local name, outcome = ARGV[8], ARGV[9]
local budget = readBudget(name)
local before = budget.failed
budget.pending = math.max(budget.pending - 1, 0)
if outcome == 'wrong' then addFailures(budget, 1, now) end
if outcome == 'right' then budget.failed, budget.locked = 0, 0 end
writeBudget(name, budget)
if outcome == 'wrong' then keepFor(KEPT) end
if outcome == 'right' and #ARGV > 11 then
  for i = 12, #ARGV do learn(ARGV[i]) end
  keepFor(KNOWN)
end
return (before < FREE and budget.failed >= FREE) and 1 or 0

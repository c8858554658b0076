-- Takes one attempt from a budget, if it has one left; `budgets.lua` comes before.
--
-- ARGV[8]  the budget, or '' for none, where none of the places is known
-- ARGV[9]… places, each with a budget of its own if it is known: the first one counts
--
-- Returns { 'taken', budget }, { 'busy' }, { 'refused', ms until something is taken again } or { 'unknown' }.

local name = ARGV[8]
for i = 9, #ARGV do
  if redis.call('HEXISTS', KEYS[1], 'k' .. ARGV[i]) == 1 then
    name = ARGV[i]
    break
  end
end
if name == '' then return { 'unknown' } end
if isErased() then return { 'taken', name } end

local budget = readBudget(name)
if budget.failed >= MOST then return { 'refused', LONGEST_DELAY } end
if now < budget.locked then return { 'refused', budget.locked - now } end
if budget.pending >= math.max(FREE - budget.failed, 1) then return { 'busy' } end

budget.pending = budget.pending + 1
budget.overdue = now + PATIENCE
writeBudget(name, budget)
keepFor(KEPT)
return { 'taken', name }

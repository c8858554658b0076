-- How everyone's sessions end in one step for each shard, however many they are. `counts.lua` follows.
--
-- Beside the users of a shard there is a hash `everyone`:
--   n     how many such steps there were
--   <i>   when the i-th was, in ms, and, after a space, who made it, as JSON text
--   s     how many of them the sweep has been through, which ends for good what nobody has asked for since
-- A user who has been through fewer has opened every session that is live in the hash before the next of them: a count
-- tells that where a time could not, for two things may happen in one millisecond.
local KEPT_STEPS = 100
local everyone_key = prefix .. 'everyone'
-- The step that the user's live sessions have ended at and do not know of yet; false for none, nil before anybody asked.
local cutoff

local function find_cutoff()
  if cutoff ~= nil then return cutoff end
  cutoff = false
  local steps = tonumber(redis.call('HGET', everyone_key, 'n') or '0')
  if steps == 0 then return cutoff end
  local passed = tonumber(redis.call('HGET', user_key, 'e') or '0')
  if passed == steps then return cutoff end
  local step = redis.call('HGET', everyone_key, math.max(math.min(passed, steps) + 1, steps - KEPT_STEPS + 1)) or ''
  local at, actor = string.match(step, '^(%d+) (.*)$')
  -- Whatever the clock does, the step is over.
  cutoff = { steps = steps, at = math.min(tonumber(at) or now, now), actor = actor }
  return cutoff
end

-- To be called once the user's live sessions have ended by it.
local function pass_cutoff()
  redis.call('HSET', user_key, 'e', cutoff.steps)
  cutoff = false
end

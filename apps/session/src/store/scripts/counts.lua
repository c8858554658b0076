-- What is counted as it happens, so that nobody has to go through all sessions to know how many there are. `changes.lua`
-- follows.
--
-- Beside the users of a shard there are hashes:
--   live:<idle ms>:<absolute ms>   live sessions by when they end by themselves, in steps of a hundredth of their life,
--                                  but at least a second: one that ends unnoticed is counted to the end of its step.
--                                  With other lifetimes it begins anew, and has all sessions once each has been used.
--   opened                         sessions opened in each of the last minutes, by minutes since 1970
--   announced                      in one shard only: how long announcements took, by minute * 100 + class of duration
local MINUTES = 60
local KEPT_MS = (MINUTES + 1) * 60000
local LIFE_STEPS = 100
local life_ms = math.min(idle_ms, absolute_ms)
local step_ms = math.max(1000, math.ceil(life_ms / LIFE_STEPS))
local this_minute = math.floor(now / 60000)

-- Most calls count nothing: names are made when they are needed.
local function live_key()
  return prefix .. 'live:' .. ARGV[2] .. ':' .. ARGV[3]
end

local function step_of(session, seen_at)
  return math.floor(math.min(seen_at + idle_ms, session.created_at + absolute_ms) / step_ms)
end

local function drop_before(key, first)
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if tonumber(field) < first then redis.call('HDEL', key, field) end
  end
end

-- Adds to a field that may be new; whatever is over goes when one is.
local function add(key, field, count, first_of_use, kept_ms)
  if redis.call('HINCRBY', key, field, count) > count then return end
  drop_before(key, first_of_use)
  redis.call('PEXPIRE', key, kept_ms)
end

local function count_opened()
  add(prefix .. 'opened', this_minute, 1, this_minute - MINUTES + 1, KEPT_MS)
end

local function count_live()
  local flat, live = redis.call('HGETALL', live_key()), 0
  for i = 1, #flat, 2 do
    if tonumber(flat[i]) >= math.floor(now / step_ms) then live = live + tonumber(flat[i + 1]) end
  end
  return live
end

local function lower(key, step)
  if redis.call('HEXISTS', key, step) == 1 then redis.call('HINCRBY', key, step, -1) end
end

-- Of a session that goes without a trace.
local function uncount(session)
  if session.was_live and not find_cutoff() then lower(live_key(), step_of(session, session.was_seen_at)) end
end

local function save(session)
  -- What ends with everyone's sessions went out of the count with them.
  local was_counted = session.was_live and not find_cutoff()
  local before = was_counted and step_of(session, session.was_seen_at) or nil
  local after = session.reason == 0 and step_of(session, session.seen_at) or nil
  write_session(session)
  session.was_live, session.was_seen_at = session.reason == 0, session.seen_at
  if before == after then return end
  local key = live_key()
  if before then lower(key, before) end
  if after then add(key, after, 1, math.floor(now / step_ms), life_ms + 2 * step_ms) end
end

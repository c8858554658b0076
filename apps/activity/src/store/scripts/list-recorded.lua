-- Reads a user's entries in the order in which they were recorded, after a position.
--
-- KEYS[1]  order of recording, KEYS[2] the entries (see append-entries.lua)
-- ARGV[1]  position, '' to learn that of now
-- ARGV[2]  age in ms from which an entry is dropped
-- ARGV[3]  largest number of entries kept
-- ARGV[4]  largest number of entries to return
--
-- Returns { position to go on from, 1 where there are more, 1 where some may be gone, { position, JSON, … } }.

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local after, limit = ARGV[1], tonumber(ARGV[4])

if after == '' then
  local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
  -- Whatever comes next comes in this millisecond or later.
  return { newest and newest[1] or string.format('%.0f-0', now - 1), 0, 0, {} }
end

local function is_before(a, b)
  local a_ms, a_seq = string.match(a, '(%d+)-(%d+)')
  local b_ms, b_seq = string.match(b, '(%d+)-(%d+)')
  if a_ms ~= b_ms then return tonumber(a_ms) < tonumber(b_ms) end
  return tonumber(a_seq) < tonumber(b_seq)
end

local has_gap = tonumber(string.match(after, '%d+')) < now - tonumber(ARGV[2])
local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
if oldest and is_before(after, oldest[1]) and redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[3]) then has_gap = true end

local found, position = {}, after
local recorded = redis.call('XRANGE', KEYS[1], '(' .. after, '+', 'COUNT', limit + 1)
for i = 1, math.min(#recorded, limit) do
  position = recorded[i][1]
  local value = redis.call('HGET', KEYS[2], recorded[i][2][2])
  if value then
    found[#found + 1] = position
    found[#found + 1] = string.sub(value, (string.find(value, ' ', 1, true)) + 1)
  end
end
return { position, #recorded > limit and 1 or 0, has_gap and 1 or 0, found }

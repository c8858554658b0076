-- Reads a timeline, newest first. Looks at no more entries than it may have.
--
-- KEYS[1]  order of the timeline, KEYS[2] the entries (see append-entries.lua and index-entries.lua)
-- ARGV[1]  upper end: '+', or '(' and the member that closed the page before
-- ARGV[2]  age in ms from which an entry is not shown
-- ARGV[3]  largest number of entries to return
-- ARGV[4]  kind to return, '' for all
-- ARGV[5]  ms since 1970 (15 digits) from which on entries are shown, '' for all
--
-- Returns the JSON of the entries.

local CHUNK = 100
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local kept = string.format('%015.0f', now - tonumber(ARGV[2]))
local oldest = '[' .. (ARGV[5] > kept and ARGV[5] or kept)
local upper, limit, kind = ARGV[1], tonumber(ARGV[3]), ARGV[4]
local found = {}

repeat
  local members = redis.call('ZREVRANGEBYLEX', KEYS[1], upper, oldest, 'LIMIT', 0, CHUNK)
  for _, member in ipairs(members) do
    local value = redis.call('HGET', KEYS[2], string.sub(member, 17))
    if value and (kind == '' or string.match(value, '^%S+') == kind) then
      found[#found + 1] = string.sub(value, (string.find(value, ' ', 1, true)) + 1)
      if #found == limit then return found end
    end
    upper = '(' .. member
  end
until #members < CHUNK

return found

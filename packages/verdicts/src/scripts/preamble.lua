-- What every script of the registry begins with.
--
-- One hash holds the registry, so that it is lost as a whole or not at all:
--   incarnation  random; another one means that members and numbers before it are lost
--   lineage      which run of which server, with which history, they were written by
--   since        when this incarnation began, ms of the server's clock
--   seq          number of the latest announcement      renewals  counts renewals, for members' marks
--   m:<member>   '<mark> <lease ms>': the mark is new with every renewal
-- A stream keeps the latest announcements: entry <seq>-0, field 'items', JSON text.
--
-- KEYS[1] the hash   KEYS[2] the stream   ARGV[1] id for a new incarnation, should one begin
local registry, log = KEYS[1], KEYS[2]

-- A restart may lose the last writes and a failover may go back in time; neither shows in the keys themselves.
local function lineage()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
  return run .. ':' .. history
end

local function enter()
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local known = redis.call('HMGET', registry, 'incarnation', 'lineage', 'since', 'seq')
  local current = lineage()
  if known[1] and known[2] == current then
    return { id = known[1], age = math.max(0, now - tonumber(known[3])), seq = tonumber(known[4]) }
  end
  redis.call('DEL', registry, log)
  redis.call('HSET', registry, 'incarnation', ARGV[1], 'lineage', current, 'since', string.format('%.0f', now), 'seq', 0)
  return { id = ARGV[1], age = 0, seq = 0 }
end

local function list_members()
  local fields = redis.call('HGETALL', registry)
  local members = {}
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 2) == 'm:' then
      local mark, lease_ms = string.match(fields[i + 1], '^(%d+) (%d+)$')
      members[#members + 1] = { string.sub(fields[i], 3), mark, tonumber(lease_ms) }
    end
  end
  return members
end

local function mark_of(member)
  local value = redis.call('HGET', registry, 'm:' .. member)
  return value and string.match(value, '^(%d+) ')
end

local current = enter()

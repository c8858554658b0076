-- Which server the shard was last known to be whole on; every script of the store has this after `owners.lua`.
--
-- Beside the users of a shard there is `lineage`:
--   <replication id of the server> <ms of its clock>
-- A server that was started again, restored or promoted has another replication id. It may lack its latest changes, and
-- nothing in its keys tells: what it lacks was done after that time.
local CONFIRM_MS = 10000
local lineage_key = prefix .. 'lineage'
local replication = redis.call('INFO', 'replication')
local is_primary = string.find(replication, 'role:master', 1, true) ~= nil
server_id = string.match(replication, 'master_replid:(%w+)')
local known_id, known_at = string.match(redis.call('GET', lineage_key) or '', '^(%w+) (%d+)$')

-- A server that takes no writes now is no reason to refuse what only reads.
local function confirm_lineage()
  redis.pcall('SET', lineage_key, string.format('%s %.0f', server_id, now))
end

-- Takes a step through the entries of everybody, and drops those of a user who is deleted.
--
-- KEYS[1]  order of all entries, KEYS[2] the entries (see index-entries.lua)
-- KEYS[3]  how far erasures have come: a hash from the digest of a user id to the last member looked at
-- ARGV[1]  user id, ARGV[2] its digest
-- ARGV[3]  for how long an erasure that nobody goes on with is remembered, in ms
--
-- Returns 1 when that was the last step.

local STEP = 500

local last = redis.call('HGET', KEYS[3], ARGV[2])
local members = redis.call('ZRANGEBYLEX', KEYS[1], last and '(' .. last or '-', '+', 'LIMIT', 0, STEP)
local own = '{"userId":"' .. ARGV[1] .. '"'
for _, member in ipairs(members) do
  local id = string.sub(member, 17)
  local value = redis.call('HGET', KEYS[2], id)
  if value and string.find(value, own, 1, true) then
    redis.call('ZREM', KEYS[1] .. ':' .. string.match(value, '^%S+'), member)
    redis.call('ZREM', KEYS[1], member)
    redis.call('HDEL', KEYS[2], id)
  end
end

if #members < STEP then
  redis.call('HDEL', KEYS[3], ARGV[2])
  return 1
end
redis.call('HSET', KEYS[3], ARGV[2], members[#members])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
return 0

-- Lists what the shard has still to announce, oldest first. KEYS[1] and ARGV[1] name no user.
-- ARGV[6] most of them   ARGV[7] id of the entry after which to begin, or empty
-- Returns {entry id, item as JSON}, ...
local first = ARGV[7] == '' and '-' or '(' .. ARGV[7]
local listed = {}
for i, entry in ipairs(redis.call('XRANGE', pending_key, first, '+', 'COUNT', ARGV[6])) do
  listed[i] = { entry[1], entry[2][2] }
end
return answer(unpack(listed))

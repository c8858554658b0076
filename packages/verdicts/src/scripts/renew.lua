-- Grants a member its lease, and tells what has been announced since it last heard.
-- ARGV[2] member   ARGV[3] its incarnation   ARGV[4] its number   ARGV[5] lease ms
-- ARGV[6] most announcements to tell of, ARGV[7] most bytes of them
-- Returns {incarnation, number, 1 if complete, {items as JSON, one text an announcement}}
local member, heard_seq = ARGV[2], tonumber(ARGV[4])
local mark = redis.call('HINCRBY', registry, 'renewals', 1)
redis.call('HSET', registry, 'm:' .. member, mark .. ' ' .. ARGV[5])

local missed_count = current.seq - heard_seq
if ARGV[3] ~= current.id or missed_count < 0 or missed_count > tonumber(ARGV[6]) then
  return { current.id, current.seq, 0, {} }
end
if missed_count == 0 then return { current.id, current.seq, 1, {} } end

local missed, bytes = {}, 0
for _, entry in ipairs(redis.call('XRANGE', log, string.format('%.0f-0', heard_seq + 1), '+')) do
  missed[#missed + 1] = entry[2][2]
  bytes = bytes + #entry[2][2]
end
if #missed ~= missed_count or bytes > tonumber(ARGV[7]) then return { current.id, current.seq, 0, {} } end
return { current.id, current.seq, 1, missed }

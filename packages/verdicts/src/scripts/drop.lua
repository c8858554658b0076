-- Strikes off a member that has not renewed since its mark was read: one that has may be judging by a new lease.
-- ARGV[2] incarnation in which the mark was read   ARGV[3] member   ARGV[4] its mark; empty when it leaves by itself
-- Returns 1 if it is gone
if ARGV[4] ~= '' and (ARGV[2] ~= current.id or mark_of(ARGV[3]) ~= ARGV[4]) then return 0 end
return redis.call('HDEL', registry, 'm:' .. ARGV[3])

-- Whoever has missed one for longer forgets all that they keep, as with any gap: no id of a user stays here.
local KEPT_MS = 5000

-- Numbers an announcement and keeps it for those who miss it.
-- ARGV[2] items as JSON   ARGV[3] how many announcements are kept
-- Returns {incarnation, its age ms, number, {{member, mark, lease ms}, ...}}
local seq = redis.call('HINCRBY', registry, 'seq', 1)
redis.call('XADD', log, 'MAXLEN', '=', ARGV[3], string.format('%.0f-0', seq), 'items', ARGV[2])
redis.call('PEXPIRE', log, KEPT_MS)
return { current.id, current.age, seq, list_members() }

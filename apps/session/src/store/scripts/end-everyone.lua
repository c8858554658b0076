-- Ends every live session of the shard, whoever has it. KEYS[1] and ARGV[1] name no user.
-- ARGV[6] who ends them, as JSON text
-- Returns how many there were
return answer(end_everyone(ARGV[6]))

-- Whether the shard may lack changes; if not, it is whole as of now. KEYS[1] and ARGV[1] name no user.
-- Returns 'whole' | 'doubtful', replication id of the server, ms since the shard was known to be whole
if not is_primary then return redis.error_reply('READONLY this server is a replica') end
if known_id and known_id ~= server_id then
  return answer('doubtful', server_id, math.max(0, now - tonumber(known_at)))
end
confirm_lineage()
return answer('whole')

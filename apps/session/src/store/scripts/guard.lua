-- What every script begins with last, but for those that find out and end the doubt: a former primary answers reads
-- happily, and a server that may lack changes would bring ended sessions back. A shard that has no lineage has nothing to
-- lose, or is from before it was kept.
if not is_primary then return redis.error_reply('READONLY this server is a replica') end
if known_id and known_id ~= server_id then return redis.error_reply('DOUBT changes may be missing') end
if not known_id or now - tonumber(known_at) >= CONFIRM_MS then confirm_lineage() end

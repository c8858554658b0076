-- Reads what is counted in a shard. KEYS[1] and ARGV[1] name no user.
-- Returns this minute since 1970, live sessions, {minute, sessions opened in it, ...},
-- {minute * 100 + class of duration, announcements that took so long, ...}
local opened_key, announced_key = prefix .. 'opened', prefix .. 'announced'
local first = this_minute - MINUTES + 1
drop_before(opened_key, first)
drop_before(announced_key, first * 100)
drop_before(live_key(), math.floor(now / step_ms))
return answer(this_minute, count_live(), redis.call('HGETALL', opened_key), redis.call('HGETALL', announced_key))

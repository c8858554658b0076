-- Forgets the numbers of events that are erased.
--
-- KEYS[1]  the numbers of the user's events in the stream (see note-event.lua)
-- ARGV     the numbers of those erased

redis.call('ZREM', KEYS[1], unpack(ARGV))
return 0

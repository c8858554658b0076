-- Forgets a user who is deleted, and leaves a mark of it. The numbers of their events stay until those are erased.
--
-- KEYS[1]  mark of a deleted user
-- KEYS[2]  outbox of the user's shard
-- KEYS[3]  what of it was set aside
-- KEYS[4]  the numbers of the user's events in the stream (see note-event.lua)
-- KEYS[5]… all other keys of the user
-- ARGV[1]  user id
-- ARGV[2]  for how long the mark is kept, in ms
--
-- Returns the numbers of events.

local PAGE = 100

local function isAboutUser(text)
  local isRead, event = pcall(cjson.decode, text)
  if isRead and type(event) == 'table' then return event.userId == ARGV[1] end
  return string.find(text, ARGV[1], 1, true) ~= nil
end

local function forgetEvents(key)
  local first = '-'
  repeat
    local entries = redis.call('XRANGE', key, first, '+', 'COUNT', PAGE)
    for _, entry in ipairs(entries) do
      if isAboutUser(table.concat(entry[2], ' ', 2)) then redis.call('XDEL', key, entry[1]) end
      first = '(' .. entry[1]
    end
  until #entries < PAGE
end

redis.call('SET', KEYS[1], '1', 'PX', ARGV[2])
for i = 5, #KEYS do redis.call('DEL', KEYS[i]) end
forgetEvents(KEYS[2])
forgetEvents(KEYS[3])
return redis.call('ZRANGE', KEYS[4], 0, -1)

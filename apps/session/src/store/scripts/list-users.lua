-- Lists some users of a shard who have sessions, or had some lately, by the hashes of `owners.lua`. KEYS[1] and ARGV[1]
-- name no user. Everybody who is there from the first step to the last is listed, maybe more than once.
-- ARGV[6] place and ARGV[7] cursor from which to go on, 1 and 0 at first
-- Returns place and cursor to go on from, place 0 at the end, user ids
local PLACES = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
local MOST = 100
local shard = string.match(user_key, '{(%x%x)}')
local place, cursor, listed = tonumber(ARGV[6]), ARGV[7], {}
while place <= #PLACES and #listed < MOST do
  local reply = redis.call('HSCAN', prefix .. 'i:' .. string.sub(PLACES, place, place), cursor, 'COUNT', MOST)
  cursor = reply[1]
  for i = 2, #reply[2], 2 do listed[#listed + 1] = unpack_user(reply[2][i], shard) end
  if cursor == '0' then place = place + 1 end
end
return answer(place <= #PLACES and place or 0, cursor, listed)

-- How the id of a session finds its user; every script of the store has this after `records.lua`, and then `everyone.lua`.
--
-- Beside the users of a shard there are hashes `i:<first character of the id's random part>`, one field for each session:
--   <the next eight characters>   the id of its user, without the last byte, which names the shard
-- so that Redis keeps each hash in one piece up to 128 sessions. An entry may outlive a user whose hash has expired,
-- and two ids may begin alike: whatever is found here is looked up before it is believed.
local prefix = string.sub(user_key, 1, #user_key - #user_id)

local function locate(id)
  return prefix .. 'i:' .. string.sub(id, 3, 3), string.sub(id, 4, 11)
end

local function pack_user(id)
  local hex = string.sub(string.gsub(id, '-', ''), 1, 30)
  return (string.gsub(hex, '..', function(pair) return string.char(tonumber(pair, 16)) end))
end

local function unpack_user(packed, shard)
  local hex = string.gsub(packed, '.', function(byte) return string.format('%02x', string.byte(byte)) end) .. shard
  local pattern = '^(' .. string.rep('.', 8) .. ')(....)(....)(....)(' .. string.rep('.', 12) .. ')$'
  return (string.gsub(hex, pattern, '%1-%2-%3-%4-%5'))
end

-- To be called once the session is saved. Drops what others have left behind, so that it never outgrows what is of use.
local function note_owner(id)
  local key, field = locate(id)
  redis.call('HSET', key, field, pack_user(user_id))
  local sample = redis.call('HRANDFIELD', key, 2, 'WITHVALUES')
  for i = 1, #sample, 2 do
    local owner = unpack_user(sample[i + 1], string.sub(id, 1, 2))
    if redis.call('EXISTS', prefix .. owner) == 0 then redis.call('HDEL', key, sample[i]) end
  end
end

local function forget_owner(id)
  redis.call('HDEL', locate(id))
end

local function find_owner(id)
  local packed = redis.call('HGET', locate(id))
  return packed and unpack_user(packed, string.sub(id, 1, 2))
end

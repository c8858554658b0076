-- Forgets a user who is deleted, and leaves a mark of it. Nothing is told of the sessions that end by it: it would be
-- told about the user. The mark of a deletion before keeps its time.
-- ARGV[6] ms for which the mark is kept
-- Returns nothing
local PAGE = 100
local ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

local function forget_sessions()
  local flat = redis.call('HGETALL', user_key)
  for i = 1, #flat, 2 do
    if #flat[i] == ID_LENGTH then uncount(unpack_session(flat[i], flat[i + 1])) end
  end
  redis.call('DEL', user_key)
end

-- Entries of sessions that went with an earlier hash of the user are still here.
local function forget_owners()
  local packed = pack_user(user_id)
  for character in string.gmatch(ALPHABET, '.') do
    local key = prefix .. 'i:' .. character
    local flat = redis.call('HGETALL', key)
    for i = 1, #flat, 2 do
      if flat[i + 1] == packed then redis.call('HDEL', key, flat[i]) end
    end
  end
end

local function is_about_user(text)
  local is_read, event = pcall(cjson.decode, text)
  if is_read and type(event) == 'table' then return event.userId == user_id end
  return string.find(text, user_id, 1, true) ~= nil
end

local function forget_events(key)
  local first = '-'
  repeat
    local entries = redis.call('XRANGE', key, first, '+', 'COUNT', PAGE)
    for _, entry in ipairs(entries) do
      if is_about_user(table.concat(entry[2], ' ', 2)) then redis.call('XDEL', key, entry[1]) end
      first = '(' .. entry[1]
    end
  until #entries < PAGE
end

redis.call('SET', mark_key(), string.format('%.0f', deleted_at() or now), 'PX', ARGV[6])
forget_sessions()
forget_owners()
forget_events(outbox_key)
forget_events(outbox_key .. ':dead')
is_user_doubted = true
return answer()

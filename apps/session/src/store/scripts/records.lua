-- What every script of the store begins with: how a user is laid out in Redis. `owners.lua` follows.
--
-- One hash holds everything about one user, so that no index can disagree with the sessions it lists:
--   <session id>  the fixed part of a session, see FORMAT, then the SHA-256 of its refresh token while it is live
--   <slot>:<i>    its device as JSON text [ip, name, user agent, device id or null], abbreviated and in pieces
--   p:<i>  v      the profile as text, in pieces, and its version
--   b             of the same version, while an admin keeps the user out: until when in ms, 0 for no end
--   f             the lowest credential epoch that may still open a session
--   g             how many sessions had been opened when that epoch was first heard of
--   h             the same of the last epochs before, `<epoch>:<g> ` each, ascending; only some of them, for want of room
--   n             how many sessions were opened so far, which makes the next slot
--   d:<hash>      a known device, with the second it last signed in
--   k             the latest of those seconds
--   e             how many ends of everyone's sessions the user's have been through, see `everyone.lua`
-- A user who was deleted leaves a mark beside the users of the shard, `x:<SHA-1 of the user id>`, with the time: for as
-- long as it is there nothing is taken in about that user, and what is late finds out why.
-- Text is cut in pieces because a hash without a value above 64 bytes takes Redis a third of the memory.
--
-- KEYS[1] hash of the user          KEYS[2] outbox of the shard     KEYS[3] what the shard has still to announce
-- ARGV[1] user id                   ARGV[2] idle ms, ARGV[3] absolute ms: lifetimes as configured now
-- ARGV[4] retention ms of ended sessions, ARGV[5] how many of them are kept
-- Returns {how many events were appended, what the script documents, {{entry id, kind, id}, ...}, replication id of the
-- server}, the third of them what the script has left to be announced to those who keep verdicts
local FORMAT = '>I6I6I6I4I4BBB'
local ID_LENGTH = 34
local PIECE = 60
-- Longer than a sign-in can take: so long a raised epoch or a new profile waits for one that is under way.
local SIGN_IN_MS = 600000
-- So long after its last sign-in a device is known: no browser keeps its cookie longer. Signing out changes nothing.
local DEVICE_MS = 400 * 86400000
-- What most user agents are made of. A control character, which no stored text has, stands for each by its place:
-- add new ones at the end, never change the order.
local PHRASES = {
  'Mozilla/5.0 (', ') AppleWebKit/537.36 (KHTML, like Gecko) Chrome/', '.0.0.0 Safari/537.36',
  'Windows NT 10.0; Win64; x64', 'Macintosh; Intel Mac OS X 10_15_7', 'X11; Linux x86_64', 'Linux; Android 10; K',
  '.0.0.0 Mobile Safari/537.36', 'iPhone; CPU iPhone OS ', ' like Mac OS X',
  ') AppleWebKit/605.1.15 (KHTML, like Gecko) Version/', ' Mobile/15E148 Safari/604.1', ' Safari/605.1.15',
  ') Gecko/20100101 Firefox/'
}
local METHODS = { 'password', 'password+totp', 'trusted' }
local TOKENS = { 'pair', 'session' }
-- The role a session was opened in shares a byte with its tokens, in the upper half; 0 in sessions from before it was kept.
local ROLES = { 'user', 'admin' }
local HALF = 16
local REASONS = {
  'signed_out', 'revoked_by_user', 'revoked_by_admin', 'replaced', 'evicted_by_limit', 'expired_idle',
  'expired_absolute', 'password_changed', 'refresh_reuse', 'user_blocked', 'user_deleted'
}

-- Whoever has more sessions to name names the user: see MAX_VERDICT_ITEMS.
local MAX_NAMED_SESSIONS = 100

local user_key, outbox_key, pending_key, user_id = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
local idle_ms, absolute_ms = tonumber(ARGV[2]), tonumber(ARGV[3])
local retention_ms, history = tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local appended = 0
-- See `lineage.lua`.
local server_id
-- Whose verdicts no longer hold, as kept by others: some sessions, all that the user has, or everyone's.
local doubted_sessions, is_user_doubted, is_everyone_doubted = {}, false, false

local function append_pending(kind, id)
  return { redis.call('XADD', pending_key, '*', 'item', cjson.encode({ kind = kind, id = id })), kind, id }
end

-- In the same step as the change, so that no crash can come between.
local function append_doubts()
  if is_everyone_doubted then return { append_pending('everyone') } end
  if is_user_doubted or #doubted_sessions > MAX_NAMED_SESSIONS then return { append_pending('user', user_id) } end
  local entries = {}
  for i, id in ipairs(doubted_sessions) do entries[i] = append_pending('session', id) end
  return entries
end

local function answer(...)
  return { appended, { ... }, append_doubts(), server_id }
end

local function mark_key()
  return string.sub(user_key, 1, #user_key - #user_id) .. 'x:' .. redis.sha1hex(user_id)
end

-- When the user was deleted; nothing for one who was not, or long ago.
local function deleted_at()
  return tonumber(redis.call('GET', mark_key()) or '')
end

local function code_of(names, name)
  for code, known in ipairs(names) do
    if known == name then return code end
  end
  error('unknown name ' .. name)
end

-- `fields` is the whole hash where the script has read it; else the pieces are fetched one by one.
local function read_text(name, fields)
  local pieces, i = {}, 0
  repeat
    local field = name .. ':' .. i
    local piece = fields and (fields[field] or '') or redis.call('HGET', user_key, field) or ''
    pieces[#pieces + 1] = piece
    i = i + 1
  until #piece < PIECE
  return table.concat(pieces)
end

local function write_text(name, text)
  local i = 0
  repeat
    local piece = string.sub(text, i * PIECE + 1, (i + 1) * PIECE)
    redis.call('HSET', user_key, name .. ':' .. i, piece)
    i = i + 1
  until #piece < PIECE
end

local function delete_text(name)
  local i = 0
  while redis.call('HDEL', user_key, name .. ':' .. i) == 1 do i = i + 1 end
end

-- `turned_at`: when the refresh token was last rotated, or, once `reason` is not 0, when the session ended. `was_live` and
-- `was_seen_at` stay as they are in the store until the session is saved.
local function unpack_session(id, packed)
  local created_at, seen_at, turned_at, counter, slot, method, tokens, reason, rest = struct.unpack(FORMAT, packed)
  return {
    id = id, created_at = created_at, seen_at = seen_at, turned_at = turned_at, counter = counter, slot = slot,
    method = method, tokens = tokens % HALF, role = math.floor(tokens / HALF), reason = reason,
    token_hash = string.sub(packed, rest), was_live = reason == 0, was_seen_at = seen_at
  }
end

-- To be called by `save` of `counts.lua` alone.
local function write_session(session)
  local packed = struct.pack(FORMAT, session.created_at, session.seen_at, session.turned_at, session.counter,
    session.slot, session.method, session.tokens + HALF * session.role, session.reason)
  redis.call('HSET', user_key, session.id, packed .. session.token_hash)
end

local function write_device(session, text)
  for place, phrase in ipairs(PHRASES) do
    text = string.gsub(text, string.gsub(phrase, '%p', '%%%0'), string.char(place))
  end
  write_text(session.slot, text)
end

local function read_device(session, fields)
  return (string.gsub(read_text(session.slot, fields), '%c', function(place) return PHRASES[string.byte(place)] end))
end

local function device_of(session, fields)
  return cjson.decode(read_device(session, fields))
end

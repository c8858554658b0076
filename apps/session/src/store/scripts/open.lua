-- Opens a session, or refuses it, by the concurrency policy. Nothing is changed by a refusal.
-- ARGV[6] session id          ARGV[7] SHA-256 of its refresh token, empty for none
-- ARGV[8] method              ARGV[9] tokens
-- ARGV[10] device text        ARGV[11] hash of the device id, empty for none
-- ARGV[12] profile text       ARGV[13] its version, 0 for unknown    ARGV[14] ms when the user was created
-- ARGV[15] credential epoch   ARGV[16] policy: evict_oldest, deny or single    ARGV[17] limit
-- ARGV[18] most sessions of each kind in the answer             ARGV[19] role of the user
-- ARGV[20] session that this one goes on in the place of, which must be live; empty for none
-- Returns 'stale_epoch' (also for a user who was deleted) | 'limit', sessions | 'unknown' | 'ended', reason, ended ms
--       | 'opened', now, 1 for a new device, session, live sessions of other devices, sessions ended by this one
local MAX_DEVICES = 20
-- Longer than the relay takes to announce what a process has left behind.
local LEFT_BEHIND_MS = 10000
local limit, most = tonumber(ARGV[17]), tonumber(ARGV[18])

if deleted_at() then return answer('stale_epoch') end

if tonumber(ARGV[15]) < tonumber(redis.call('HGET', user_key, 'f') or '0') then return answer('stale_epoch') end

local function describe_newest(sessions, fields)
  local described = {}
  for i = #sessions, math.max(1, #sessions - most + 1), -1 do
    described[#described + 1] = describe(sessions[i], fields)
  end
  return described
end

-- Without an earlier sign-in on record a user is told of a new device only when the record may have gone by age.
local function note_device(hash, fields)
  local kept_ms = math.max(retention_ms, SIGN_IN_MS)
  local is_first = not fields['n'] and now - tonumber(ARGV[14]) < kept_ms
  if hash == '' then return not is_first end
  local is_known, count, oldest, oldest_at = false, 0, nil, math.huge
  for field, seconds in pairs(fields) do
    if string.sub(field, 1, 2) == 'd:' then
      local seen_at = tonumber(seconds)
      if seen_at * 1000 + DEVICE_MS <= now then
        redis.call('HDEL', user_key, field)
      else
        is_known = is_known or field == 'd:' .. hash
        count = count + 1
        if seen_at < oldest_at then oldest, oldest_at = field, seen_at end
      end
    end
  end
  if not is_known and count >= MAX_DEVICES then redis.call('HDEL', user_key, oldest) end
  redis.call('HSET', user_key, 'd:' .. hash, time[1], 'k', time[1])
  return not is_first and not is_known
end

local sessions, fields = load_sessions()
local device = cjson.decode(ARGV[10])
local own, others, replaced = {}, {}, {}
local predecessor
for _, session in ipairs(sessions) do
  local is_predecessor = session.id == ARGV[20]
  if is_predecessor then predecessor = session end
  if session.reason == 0 then
    local is_own = is_predecessor or device[4] ~= cjson.null and device_of(session, fields)[4] == device[4]
    table.insert(is_own and own or others, session)
  end
end

if ARGV[20] ~= '' and not predecessor then
  settle(sessions)
  return answer('unknown')
end
if predecessor and predecessor.reason ~= 0 then
  settle(sessions)
  return answer('ended', REASONS[predecessor.reason], predecessor.turned_at)
end
if ARGV[16] == 'deny' and #others >= limit and not predecessor then
  settle(sessions)
  return answer('limit', describe_newest(others, fields))
end

-- A sign-in that ended others may have crashed before it announced that: whoever signs in again is told of their session
-- once it holds everywhere.
for _, session in ipairs(sessions) do
  local reason = REASONS[session.reason]
  if (reason == 'replaced' or reason == 'evicted_by_limit') and now - session.turned_at < LEFT_BEHIND_MS then
    doubted_sessions[#doubted_sessions + 1] = session.id
  end
end

local function replace(session, reason)
  end_session(session, reason, now, fields)
  replaced[#replaced + 1] = session
end
for _, session in ipairs(own) do replace(session, 'replaced') end
local reason = ARGV[16] == 'single' and 'replaced' or 'evicted_by_limit'
for i = 1, #others - limit + 1 do replace(others[i], reason) end

if find_cutoff() then pass_cutoff() end
raise_floor(tonumber(ARGV[15]))
local opened = {
  id = ARGV[6], created_at = now, seen_at = now, turned_at = now, counter = 0,
  slot = redis.call('HINCRBY', user_key, 'n', 1), method = code_of(METHODS, ARGV[8]),
  tokens = code_of(TOKENS, ARGV[9]), role = code_of(ROLES, ARGV[19]), reason = 0, token_hash = ARGV[7]
}
save(opened)
note_owner(opened.id)
count_opened()
write_device(opened, ARGV[10])
-- Whoever may sign in was free when their profile was read.
put_profile(tonumber(ARGV[13]), ARGV[12], '')
local is_new_device = note_device(ARGV[11], fields) and not predecessor
append_event('sessionOpened', opened.id .. ':opened', now,
  { sessionId = opened.id, device = present_device(opened), method = ARGV[8], newDevice = is_new_device })

local concurrent, ended = describe_newest(others, fields), describe_newest(replaced, fields)
sessions[#sessions + 1] = opened
settle(sessions)
return answer('opened', now, is_new_device and 1 or 0, describe(opened), concurrent, ended)

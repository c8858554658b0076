-- What every script of the store goes on with after `counts.lua`: the rules that hold for every change.

-- Days to a civil date by Howard Hinnant's algorithm: Redis gives scripts no date functions.
local function iso(ms)
  local seconds = math.floor(ms / 1000)
  local shifted = math.floor(seconds / 86400) + 719468
  local era = math.floor(shifted / 146097)
  local day_of_era = shifted - era * 146097
  local year = math.floor((day_of_era - math.floor(day_of_era / 1460) + math.floor(day_of_era / 36524)
    - math.floor(day_of_era / 146096)) / 365)
  local day_of_year = day_of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local shifted_month = math.floor((5 * day_of_year + 2) / 153)
  local day = day_of_year - math.floor((153 * shifted_month + 2) / 5) + 1
  local month = shifted_month < 10 and shifted_month + 3 or shifted_month - 9
  year = year + era * 400 + (month <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02dT%02d:%02d:%02d.%03dZ', year, month, day,
    math.floor(seconds / 3600) % 24, math.floor(seconds / 60) % 60, seconds % 60, ms % 1000)
end

local function append_event(name, id, at, payload)
  local event = { id = id, version = 1, name = name, userId = user_id, occurredAt = iso(at), payload = payload }
  redis.call('XADD', outbox_key, '*', 'event', cjson.encode(event))
  appended = appended + 1
end

local function present_device(session, fields)
  local device = device_of(session, fields)
  return { ip = device[1], name = device[2], userAgent = device[3], id = device[4] }
end

-- A session in a reply: id, slot, created, seen, ended (or 0), method, tokens, reason (or ''), device text,
-- role it was opened in (or '').
local function describe(session, fields)
  local ended_at = session.reason == 0 and 0 or session.turned_at
  return {
    session.id, session.slot, session.created_at, session.seen_at, ended_at, METHODS[session.method],
    TOKENS[session.tokens], REASONS[session.reason] or '', read_device(session, fields), ROLES[session.role] or ''
  }
end

-- An absolute deadline is known to whoever keeps a verdict. An idle one they may believe to have been moved. Of the end
-- of everyone's sessions all are told at once. `actor` is JSON text, or nothing where the reason tells enough.
local function end_session(session, reason, at, fields, actor)
  session.reason, session.turned_at, session.token_hash = code_of(REASONS, reason), at, ''
  save(session)
  if reason ~= 'expired_absolute' and not find_cutoff() then doubted_sessions[#doubted_sessions + 1] = session.id end
  local payload = { sessionId = session.id, device = present_device(session, fields), reason = reason }
  if actor and actor ~= '' then payload.actor = cjson.decode(actor) end
  append_event('sessionEnded', session.id .. ':ended', at, payload)
end

-- When a live session ends without a call of its own, why, and by whom. At that very moment it has ended.
local function deadline(session)
  local idle_at, absolute_at = session.seen_at + idle_ms, session.created_at + absolute_ms
  local at, reason = idle_at, 'expired_idle'
  if absolute_at <= idle_at then at, reason = absolute_at, 'expired_absolute' end
  local step = find_cutoff()
  if step and step.at < at then return step.at, 'revoked_by_admin', step.actor end
  return at, reason
end

-- Every session of the user in the order they were opened, the due ones ended, and the whole hash.
local function load_sessions()
  local flat, fields, sessions = redis.call('HGETALL', user_key), {}, {}
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  for field, value in pairs(fields) do
    if #field == ID_LENGTH then sessions[#sessions + 1] = unpack_session(field, value) end
  end
  table.sort(sessions, function(a, b) return a.slot < b.slot end)
  for _, session in ipairs(sessions) do
    if session.reason == 0 then
      local at, reason, actor = deadline(session)
      if at <= now then end_session(session, reason, at, fields, actor) end
    end
  end
  if find_cutoff() and #flat > 0 then pass_cutoff() end
  return sessions, fields
end

-- Forgets ended sessions that are over the retention or the number kept, and sets when the hash, with what it knows of
-- devices, may go.
-- Returns the sessions that are left, in the order given.
local function settle(sessions)
  local ended, forgotten, left = {}, {}, {}
  for _, session in ipairs(sessions) do
    if session.reason ~= 0 then ended[#ended + 1] = session end
  end
  table.sort(ended, function(a, b)
    if a.turned_at ~= b.turned_at then return a.turned_at > b.turned_at end
    return a.slot > b.slot
  end)
  for i, session in ipairs(ended) do
    if i > history or session.turned_at + retention_ms <= now then forgotten[session.id] = true end
  end
  local device_at = tonumber(redis.call('HGET', user_key, 'k') or '') or 0
  local needed_until = math.max(now + SIGN_IN_MS, device_at * 1000 + DEVICE_MS)
  for _, session in ipairs(sessions) do
    if forgotten[session.id] then
      redis.call('HDEL', user_key, session.id)
      delete_text(session.slot)
      forget_owner(session.id)
    else
      local end_at = session.reason == 0 and session.created_at + absolute_ms or session.turned_at
      needed_until = math.max(needed_until, end_at + retention_ms)
      left[#left + 1] = session
    end
  end
  redis.call('PEXPIREAT', user_key, string.format('%.0f', needed_until))
  return left
end

-- The session as it is now: one that is due has ended. Nothing for one that is unknown or forgotten.
local function find_session(id)
  local packed = redis.call('HGET', user_key, id)
  if not packed then return nil end
  local session = unpack_session(id, packed)
  local at = session.reason == 0 and deadline(session) or session.turned_at + retention_ms
  if now < at then return session end
  for _, left in ipairs(settle((load_sessions()))) do
    if left.id == id then return left end
  end
  return nil
end

-- Refuses sign-ins verified under an older credential epoch from now on. Whoever brings a newer epoch first, a sign-in
-- or the call to end what was opened before, marks how many sessions there were: only those belong to the older one. The
-- marks before stay, as many as there is room for, for ends of older epochs that come late.
local function raise_floor(epoch)
  local floor, mark, former = unpack(redis.call('HMGET', user_key, 'f', 'g', 'h'))
  if epoch <= tonumber(floor or '0') then return end
  local opened = redis.call('HGET', user_key, 'n') or '0'
  redis.call('HSET', user_key, 'f', string.format('%.0f', epoch), 'g', opened)
  if not floor or not mark then return end
  former = (former or '') .. floor .. ':' .. mark .. ' '
  while #former > PIECE do former = string.gsub(former, '^%S+ ', '', 1) end
  redis.call('HSET', user_key, 'h', former)
end

-- Moves a live session's last activity forward, unless that is less than `step_ms` ago: never back, never up.
local function touch(session, step_ms)
  if session.reason ~= 0 or now - session.seen_at < step_ms then return end
  session.seen_at = now
  save(session)
end

-- When the block of the user ends, 0 for never; nothing for a user who is free. At that very moment it has ended.
local function find_block()
  local ends_at = tonumber(redis.call('HGET', user_key, 'b') or '')
  if ends_at and (ends_at == 0 or now < ends_at) then return ends_at end
  return nil
end

-- Version 0 is one that its sender does not know: it only fills a gap. `block` is empty for a user who is free.
local function put_profile(version, text, block)
  local known = redis.call('HGET', user_key, 'v')
  if known and version <= tonumber(known) then return end
  local is_same = read_text('p') == text and (redis.call('HGET', user_key, 'b') or '') == block
  if known and not is_same then is_user_doubted = true end
  delete_text('p')
  write_text('p', text)
  if block == '' then redis.call('HDEL', user_key, 'b') else redis.call('HSET', user_key, 'b', block) end
  redis.call('HSET', user_key, 'v', string.format('%.0f', version))
end

-- Ends every live session of the shard, and says how many there were. `actor` is JSON text, empty for nobody.
local function end_everyone(actor)
  local ended = count_live()
  redis.call('DEL', live_key())
  local step = redis.call('HINCRBY', everyone_key, 'n', 1)
  redis.call('HSET', everyone_key, step, string.format('%.0f ', now) .. actor)
  redis.call('HDEL', everyone_key, step - KEPT_STEPS)
  is_everyone_doubted = true
  return ended
end

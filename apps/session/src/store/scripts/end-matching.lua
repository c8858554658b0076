-- Ends the sessions of some users that meet all criteria, or only counts them. KEYS[1] and ARGV[1] name no user.
-- ARGV[6] criteria as JSON: role, openedBefore and lastSeenBefore in ms, userAgent in small letters, ip as the parts of
--         an address and the bits that count in each
-- ARGV[7] who ends them, as JSON text; empty to count only
-- ARGV[8] most sessions in the answer          ARGV[9], ... user ids, all of the shard
-- Returns how many match, {user id, session} of some of them as they were before
local criteria, actor, most = cjson.decode(ARGV[6]), ARGV[7], tonumber(ARGV[8])
local matched, described = 0, {}

-- Four bytes of an IPv4 address, or eight groups of an IPv6 one. What is stored is one of the two in canonical text.
local function parts_of(text)
  local parts = {}
  if string.find(text, ':', 1, true) == nil then
    for part in string.gmatch(text, '%d+') do parts[#parts + 1] = tonumber(part) end
    return parts
  end
  local head, tail = string.match(text, '^(.-)::(.*)$')
  for part in string.gmatch(head or text, '%x+') do parts[#parts + 1] = tonumber(part, 16) end
  if not head then return parts end
  local rest = {}
  for part in string.gmatch(tail, '%x+') do rest[#rest + 1] = tonumber(part, 16) end
  while #parts + #rest < 8 do parts[#parts + 1] = 0 end
  for _, part in ipairs(rest) do parts[#parts + 1] = part end
  return parts
end

local function is_in(text, network)
  local parts = parts_of(text)
  if #parts ~= #network then return false end
  for i, part in ipairs(parts) do
    if bit.band(part, network[i][2]) ~= network[i][1] then return false end
  end
  return true
end

local function has_role(fields)
  if not criteria.role then return true end
  local text = read_text('p', fields)
  return text ~= '' and (cjson.decode(text)[8] == 1 and 'admin' or 'user') == criteria.role
end

local function matches(session, fields)
  if session.reason ~= 0 then return false end
  if criteria.openedBefore and session.created_at >= criteria.openedBefore then return false end
  if criteria.lastSeenBefore and session.seen_at >= criteria.lastSeenBefore then return false end
  if not criteria.ip and not criteria.userAgent then return true end
  local ip, _, agent = unpack(device_of(session, fields))
  if criteria.ip and not is_in(ip, criteria.ip) then return false end
  return not criteria.userAgent or string.find(string.lower(agent), criteria.userAgent, 1, true) ~= nil
end

local function visit(id)
  user_id, user_key, cutoff = id, prefix .. id, nil
  local appended_before = appended
  local sessions, fields = load_sessions()
  if has_role(fields) then
    for _, session in ipairs(sessions) do
      if matches(session, fields) then
        matched = matched + 1
        if #described < most then described[#described + 1] = { id, describe(session, fields) } end
        if actor ~= '' then end_session(session, 'revoked_by_admin', now, fields, actor) end
      end
    end
  end
  if appended > appended_before then settle(sessions) end
  append_doubts()
  doubted_sessions, is_user_doubted = {}, false
end

for i = 9, #ARGV do visit(ARGV[i]) end
return answer(matched, described)

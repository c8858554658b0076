-- Counts announcements by how long they took. KEYS[1] and ARGV[1] name no user.
-- ARGV[6], ARGV[8], ... class of duration, below 100   ARGV[7], ARGV[9], ... how many
-- Returns nothing
for i = 6, #ARGV, 2 do
  local field = string.format('%.0f', this_minute * 100 + tonumber(ARGV[i]))
  add(prefix .. 'announced', field, tonumber(ARGV[i + 1]), (this_minute - MINUTES + 1) * 100, KEPT_MS)
end
return answer()

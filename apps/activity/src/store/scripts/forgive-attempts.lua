-- Lets all budgets of an account begin anew.
--
-- KEYS[1]  attempts at the account; see budgets.lua

for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 1) == 'b' then redis.call('HDEL', KEYS[1], field) end
end
return 1

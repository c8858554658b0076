-- Keeps the profile if it is newer than the one kept. For a user without sessions it waits for a sign-in under way.
-- ARGV[6] profile text   ARGV[7] version   ARGV[8] end of the user's block in ms, 0 for none, empty for no block
-- Returns nothing
if deleted_at() then return answer() end
put_profile(tonumber(ARGV[7]), ARGV[6], ARGV[8])
if redis.call('PTTL', user_key) < 0 then redis.call('PEXPIRE', user_key, SIGN_IN_MS) end
return answer()

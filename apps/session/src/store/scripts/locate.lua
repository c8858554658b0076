-- Where the user's sessions are, on a server that lacks none of their changes.
-- Returns nothing: every answer names the server
return answer()

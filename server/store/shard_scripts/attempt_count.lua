-- Count one try at a link from a network within a window.
-- KEYS: attempts   ARGV: window_s
-- Returns how many there were in the window, this one included.
local attempts_key = KEYS[1]
local tries = redis.call('INCR', attempts_key)
if tries == 1 then redis.call('EXPIRE', attempts_key, ARGV[1]) end
return tries

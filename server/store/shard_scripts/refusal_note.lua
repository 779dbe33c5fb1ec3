-- Keep one refusal at a link or at a hello of a room; nothing is kept for rooms that there are not.
-- KEYS: refusals of the room, room   ARGV: lifetime_ms, most kept, then names and values of the line, in pairs
-- Returns 1 when it was kept, 0 where there is no such room.
local refusals_key, room_key = unpack(KEYS)
if redis.call('EXISTS', room_key) == 0 then return 0 end
redis.call('XADD', refusals_key, 'MAXLEN', '~', ARGV[2], '*', unpack(ARGV, 3))
redis.call('PEXPIRE', refusals_key, ARGV[1])
return 1

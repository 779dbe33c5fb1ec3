-- Take one try at the code of an invitation; it counts before it is known whether the code is right, so that none is free.
-- KEYS: codes of the invitation   ARGV: skew_ms, good_for_ms, most tries, 1 when this one counts else 0
-- Returns the instant of the code's issue, or 0 where there is none that is good, or its tries are used up.
local codes_key = KEYS[1]
local skew_ms, good_for_ms, most, counts = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local clock = redis.call('TIME')
local now_ms = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + skew_ms
local issued_at_ms = tonumber(redis.call('HGET', codes_key, 'issued_at_ms') or '0')
if now_ms - issued_at_ms >= good_for_ms then return 0 end
if redis.call('HINCRBY', codes_key, 'tries', counts) > most then return 0 end
return issued_at_ms

-- Issue a code for an invitation, unless one was issued a moment ago, or too many were today. The code itself is kept nowhere:
-- it is made from the instant of its issue.
-- KEYS: codes of the invitation   ARGV: skew_ms, every_ms, most codes a lifetime, lifetime_ms
-- Returns the instant, or 0 where none was issued.
local codes_key = KEYS[1]
local skew_ms, every_ms, most, lifetime_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local clock = redis.call('TIME')
local now_ms = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + skew_ms
local last_ms, count = unpack(redis.call('HMGET', codes_key, 'mailed_at_ms', 'count'))
if (last_ms and now_ms - tonumber(last_ms) < every_ms) or tonumber(count or '0') >= most then return 0 end
local now_text = string.format('%.0f', now_ms)
redis.call('HSET', codes_key, 'mailed_at_ms', now_text, 'issued_at_ms', now_text, 'tries', '0')
if redis.call('HINCRBY', codes_key, 'count', 1) == 1 then redis.call('PEXPIRE', codes_key, lifetime_ms) end
return now_ms

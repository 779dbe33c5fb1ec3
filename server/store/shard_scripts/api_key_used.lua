-- Note when an API key of the site was used, unless it is gone or was used later.
-- KEYS[1] records   KEYS[2] uses   ARGV[1] key_id   ARGV[2] instant
-- Returns 1 when it was noted, else 0.
local records_key, uses_key = unpack(KEYS)
local key_id, at_ms = unpack(ARGV)
if redis.call('HEXISTS', records_key, key_id) == 0 then return 0 end
if tonumber(redis.call('HGET', uses_key, key_id) or '0') >= tonumber(at_ms) then return 0 end
redis.call('HSET', uses_key, key_id, at_ms)
return 1

-- Delete an API key of the site.
-- KEYS[1] records   KEYS[2] uses   KEYS[3] result   ARGV[1] key_id
-- Returns 'deleted', also when this request did it before, or 'unknown'.
local records_key, uses_key, result_key = unpack(KEYS)
local key_id = ARGV[1]
if redis.call('EXISTS', result_key) == 1 then return 'deleted' end
if redis.call('HDEL', records_key, key_id) == 0 then return 'unknown' end
redis.call('HDEL', uses_key, key_id)
redis.call('SET', result_key, '1', 'PX', 120000)
return 'deleted'

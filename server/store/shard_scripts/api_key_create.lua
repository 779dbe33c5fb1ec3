-- Keep a new API key of the site, unless there are as many as there may be.
-- KEYS[1] records   ARGV[1] key_id   ARGV[2] record as JSON   ARGV[3] most keys
-- Returns 'made' (also when asked again, since an answer was lost), 'known' where the id has another record, or 'full'.
local records_key = KEYS[1]
local key_id, record, most = unpack(ARGV)
local held = redis.call('HGET', records_key, key_id)
if held then return held == record and 'made' or 'known' end
if redis.call('HLEN', records_key) >= tonumber(most) then return 'full' end
redis.call('HSET', records_key, key_id, record)
return 'made'

-- Take one of the site's people out of the directory, with everything that finds them.
-- KEYS[1] people   KEYS[2] addresses   KEYS[3] external ids   KEYS[4] words   KEYS[5] index   KEYS[6] listed   KEYS[7] result
-- ARGV[1] person_id   ARGV[2] rev that the record must have, '' for any
-- Returns 'deleted', 'unknown' or 'moved' (another rev); 'deleted' when this request did it before.
local people_key, addresses_key, external_ids_key, words_key, index_key, listed_key, result_key = unpack(KEYS)
local person_id, expected_rev = unpack(ARGV)
if redis.call('EXISTS', result_key) == 1 then return 'deleted' end
local text = redis.call('HGET', people_key, person_id)
if not text then return 'unknown' end
local person = cjson.decode(text)
if expected_rev ~= '' and person.rev ~= tonumber(expected_rev) then return 'moved' end
for word in string.gmatch(redis.call('HGET', words_key, person_id) or '', '[^ ]+') do
  redis.call('ZREM', index_key, word .. '\0' .. person_id)
end
redis.call('ZREM', listed_key, person.email .. '\0' .. person_id)
redis.call('HDEL', addresses_key, person.email)
if person.external_id then redis.call('HDEL', external_ids_key, person.external_id) end
redis.call('HDEL', words_key, person_id)
redis.call('HDEL', people_key, person_id)
redis.call('SET', result_key, '1', 'PX', 120000)
return 'deleted'

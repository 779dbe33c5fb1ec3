-- Store people of the site's directory, each with the words that find them: a person's index is never another than their record.
-- KEYS[1] people   KEYS[2] addresses   KEYS[3] external ids   KEYS[4] words   KEYS[5] index   KEYS[6] listed   KEYS[7] result
-- ARGV[1] skew_ms   ARGV[2] JSON: rows (person_id for somebody new, email, first_name, last_name, external_id if any, words),
--   most_people   ARGV[3] fingerprint of the request   ARGV[4] keep_ms of its answer
-- Returns JSON, a list: for each row {status, person_id}, or {refused: address_taken | directory_full}; the first answer when
--   this request was answered before; 'idempotency_mismatch' when it was another under the same name.
local people_key, addresses_key, external_ids_key, words_key, index_key, listed_key, result_key = unpack(KEYS)
local before = redis.call('GET', result_key)
if before then
  local split = string.find(before, '|', 1, true)
  if string.sub(before, 1, split - 1) ~= ARGV[3] then return 'idempotency_mismatch' end
  return string.sub(before, split + 1)
end
local args = cjson.decode(ARGV[2])
local clock = redis.call('TIME')
local now_ms = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + tonumber(ARGV[1])

local function load(person_id)
  local text = person_id and redis.call('HGET', people_key, person_id)
  if text then return cjson.decode(text) end
end

local function unindex(person)
  for word in string.gmatch(redis.call('HGET', words_key, person.person_id) or '', '[^ ]+') do
    redis.call('ZREM', index_key, word .. '\0' .. person.person_id)
  end
  redis.call('ZREM', listed_key, person.email .. '\0' .. person.person_id)
  redis.call('HDEL', addresses_key, person.email)
end

local function index(person, words)
  for _, word in ipairs(words) do redis.call('ZADD', index_key, 0, word .. '\0' .. person.person_id) end
  redis.call('ZADD', listed_key, 0, person.email .. '\0' .. person.person_id)
  redis.call('HSET', words_key, person.person_id, ' ' .. table.concat(words, ' ') .. ' ')
  redis.call('HSET', addresses_key, person.email, person.person_id)
  if person.external_id then redis.call('HSET', external_ids_key, person.external_id, person.person_id) end
end

-- By external id, else by address; somebody stored without an external id takes on the one that comes with their address.
local function find(row)
  local with_address = load(redis.call('HGET', addresses_key, row.email))
  if not row.external_id then return with_address end
  local found = load(redis.call('HGET', external_ids_key, row.external_id))
  if found then return found, with_address and with_address.person_id ~= found.person_id end
  return with_address, with_address and with_address.external_id
end

local function upsert(row)
  local old, is_taken = find(row)
  if is_taken then return {refused = 'address_taken'} end
  if not old and redis.call('HLEN', people_key) >= args.most_people then return {refused = 'directory_full'} end
  local person = {person_id = old and old.person_id or row.person_id, email = row.email, first_name = row.first_name,
    last_name = row.last_name, external_id = row.external_id or (old and old.external_id), changed_at_ms = now_ms,
    rev = (old and old.rev or 0) + 1}
  if old and old.email == person.email and old.first_name == person.first_name and old.last_name == person.last_name
    and old.external_id == person.external_id then
    return {status = 'unchanged', person_id = old.person_id}
  end
  if old then unindex(old) end
  redis.call('HSET', people_key, person.person_id, cjson.encode(person))
  index(person, row.words)
  return {status = old and 'updated' or 'created', person_id = person.person_id}
end

local answers = {}
for position, row in ipairs(args.rows) do answers[position] = upsert(row) end
local text = cjson.encode(answers)
redis.call('SET', result_key, ARGV[3] .. '|' .. text, 'PX', ARGV[4])
return text

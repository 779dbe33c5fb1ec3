-- People of whom each asked word begins a word, in the order of the index; at most so many, and no more looked at than said.
-- KEYS[1] people   KEYS[2] words   KEYS[3] index, or `listed` where no word is asked   KEYS[4] count of this asker's questions
-- ARGV[1] the member to go on after, '' for the beginning   ARGV[2] which word to go by, 0 for the rarest   ARGV[3] limit
-- ARGV[4] most members looked at   ARGV[5] most questions in the window, 0 for no bound   ARGV[6] window_ms
-- ARGV[7] … folded words
-- Returns {word gone by, member to go on after ('' at the end), record as JSON, …}; 'rate_limited' where they asked too often.
local people_key, words_key, index_key, asked_key = unpack(KEYS)
local after, limit, most_looked_at, most_asked = ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local step = 64

if most_asked > 0 then
  local asked = redis.call('INCR', asked_key)
  if asked == 1 then redis.call('PEXPIRE', asked_key, ARGV[6]) end
  if asked > most_asked then return 'rate_limited' end
end

local words = {}
for position = 7, #ARGV do words[#words + 1] = ARGV[position] end

-- No byte of UTF-8 is 255, so that this is the end of everything that begins with the word.
local function range_of(word)
  if not word then return '-', '+' end
  return '[' .. word, '(' .. word .. '\255'
end

local chosen, fewest = tonumber(ARGV[2]), nil
if chosen == 0 then
  for position, word in ipairs(words) do
    local from, upto = range_of(word)
    local count = redis.call('ZLEXCOUNT', index_key, from, upto)
    if not fewest or count < fewest then chosen, fewest = position, count end
  end
end
local prefix = words[chosen]

local beginnings = {}
for position, word in ipairs(words) do
  if position ~= chosen then beginnings[#beginnings + 1] = ' ' .. word end
end

-- Somebody found by two of their words counts at the first of them only.
local function matches(member, text)
  if not prefix then return true end
  if not text then return false end
  for position = 1, #beginnings do
    if not string.find(text, beginnings[position], 1, true) then return false end
  end
  local word = string.sub(member, 1, string.find(member, '\0', 1, true) - 1)
  local at = string.find(text, ' ' .. prefix, 1, true)
  return at ~= nil and string.sub(text, at + 1, at + #word + 1) == word .. ' '
end

local from, upto = range_of(prefix)
if after ~= '' then from = '(' .. after end
local found, looked_at, last = {}, 0, after
while #found < limit and looked_at < most_looked_at do
  local members = redis.call('ZRANGEBYLEX', index_key, from, upto, 'LIMIT', 0, step)
  if #members == 0 then last = '' break end
  local ids = {}
  for position = 1, #members do
    ids[position] = string.sub(members[position], string.find(members[position], '\0', 1, true) + 1)
  end
  local texts = redis.call('HMGET', words_key, unpack(ids))
  for position = 1, #members do
    looked_at, last = looked_at + 1, members[position]
    if matches(last, texts[position]) then found[#found + 1] = ids[position] end
    if #found == limit then break end
  end
  if last == members[#members] and #members < step then last = '' break end
  from = '(' .. last
end
local records = {}
if #found > 0 then records = redis.call('HMGET', people_key, unpack(found)) end
return {chosen, last, unpack(records)}

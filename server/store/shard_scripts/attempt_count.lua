-- Take one try at a link from a network: a wrong one counts, a right one clears the count, and beyond the limit none is taken.
-- Decided in one go: many right tries at once do not lock each other out, many wrong ones do not slip past the limit.
-- KEYS[1] attempts   KEYS[2] the wrong ones at the link from wherever, where they are counted
-- ARGV: window_s, most wrong ones, 1 when it is right else 0
-- Returns {1 when it was taken, 0 when there were too many before; the wrong ones from wherever, 0 where nobody counts}.
local attempts_key, total_key = KEYS[1], KEYS[2]
local window_s, most, is_right = unpack(ARGV)

local function count(key)
  local wrong = redis.call('INCR', key)
  if wrong == 1 then redis.call('EXPIRE', key, window_s) end
  return wrong
end

local is_taken = tonumber(redis.call('GET', attempts_key) or '0') < tonumber(most)
if is_taken and is_right == '1' then
  redis.call('DEL', attempts_key)
elseif is_taken then
  count(attempts_key)
end
if not total_key then return {is_taken and 1 or 0, 0} end
local total = is_right == '1' and tonumber(redis.call('GET', total_key) or '0') or count(total_key)
return {is_taken and 1 or 0, total}

-- Take one try at a link from a network: a wrong one counts, a right one clears the count, and beyond the limit none is taken.
-- Decided in one go: many right tries at once do not lock each other out, many wrong ones do not slip past the limit.
-- KEYS: attempts   ARGV: window_s, most wrong ones, 1 when it is right else 0
-- Returns 1 when it was taken, 0 when there were too many before.
local attempts_key = KEYS[1]
local window_s, most, is_right = unpack(ARGV)
if tonumber(redis.call('GET', attempts_key) or '0') >= tonumber(most) then return 0 end
if is_right == '1' then
  redis.call('DEL', attempts_key)
elseif redis.call('INCR', attempts_key) == 1 then
  redis.call('EXPIRE', attempts_key, window_s)
end
return 1

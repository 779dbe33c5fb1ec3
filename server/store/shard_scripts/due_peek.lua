-- What is due on a shard by now, and when the next thing is. Changes nothing.
-- KEYS: due   ARGV: limit, skew_ms
-- Returns {list of members, milliseconds until the next, or -1}
local due_key = KEYS[1]
local limit, skew_ms = unpack(ARGV)
local clock = redis.call('TIME')
local now_ms = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + tonumber(skew_ms)
local now = string.format('%.0f', now_ms)
local members = redis.call('ZRANGEBYSCORE', due_key, '-inf', now, 'LIMIT', 0, limit)
local upcoming = redis.call('ZRANGEBYSCORE', due_key, '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
if upcoming[2] == nil then return {members, -1} end
return {members, math.max(0, math.ceil(tonumber(upcoming[2]) - now_ms))}

-- Renew a node's lease on a shard, and read the shard's clock and epoch.
-- KEYS: lease, epoch, shard log_n   ARGV: incarnation, ttl_ms, epoch offered, skew_ms
-- Returns {1 when the lease was held by this incarnation all along else 0, now_ms, epoch, log_n}
local lease_key, epoch_key, log_n_key = unpack(KEYS)
local incarnation, ttl_ms, offered, skew_ms = unpack(ARGV)
local held = redis.call('GET', lease_key) == incarnation and 1 or 0
redis.call('SET', lease_key, incarnation, 'PX', ttl_ms)
local clock = redis.call('TIME')
local now_ms = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + tonumber(skew_ms)
return {held, string.format('%.0f', now_ms), epoch_of(epoch_key, offered), redis.call('GET', log_n_key) or '0'}

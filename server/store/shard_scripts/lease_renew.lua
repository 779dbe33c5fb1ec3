-- Renew a node's lease on a shard, and read the shard's clock and epoch. A shard without an epoch gets the one offered, and so
-- does one whose epoch began in another process of the server: what that one holds may be older (a restart, a failover).
-- KEYS: lease, epoch, shard log_n   ARGV: incarnation, ttl_ms, epoch offered, skew_ms
-- Returns {1 when the lease was held by this incarnation all along else 0, now_ms, epoch, log_n}
local lease_key, epoch_key, log_n_key = unpack(KEYS)
local incarnation, ttl_ms, offered, skew_ms = unpack(ARGV)
local held = redis.call('GET', lease_key) == incarnation and 1 or 0
redis.call('SET', lease_key, incarnation, 'PX', ttl_ms)
-- The server's run id; the one inside our own process has none, and never loses data without the epoch.
local info = redis.pcall('INFO', 'server')
local run_id = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
local life = string.sub(run_id, 1, 16)
local epoch = redis.call('GET', epoch_key)
if not epoch or string.match(epoch, '%.(%x*)$') ~= life then
  epoch = offered .. '.' .. life
  redis.call('SET', epoch_key, epoch)
end
local clock = redis.call('TIME')
local now_ms = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + tonumber(skew_ms)
return {held, string.format('%.0f', now_ms), epoch, redis.call('GET', log_n_key) or '0'}

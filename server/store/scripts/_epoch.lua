-- Shared by the scripts that read an epoch: which life of a shard's data, in which process of the server. A shard without one
-- gets the one offered, and so does one whose epoch began in another process: what this one holds may be older (a restart, a
-- failover). It takes no ARGV of its own.
local function epoch_of(epoch_key, offered)
  -- The store inside our own process has no run id, and never loses data without the epoch.
  local info = redis.pcall('INFO', 'server')
  local run_id = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
  local life = string.sub(run_id, 1, 16)
  local epoch = redis.call('GET', epoch_key)
  if not epoch or string.match(epoch, '%.(%x*)$') ~= life then
    epoch = offered .. '.' .. life
    redis.call('SET', epoch_key, epoch)
  end
  return epoch
end

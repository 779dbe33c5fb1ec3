-- Forget a dead node on a shard, once its tabs are swept and unless it lives again.
-- KEYS: lease, nodes, node_tabs   ARGV: node_id
-- Returns 1 when it is forgotten, else 0.
local lease_key, nodes_key, node_tabs_key = unpack(KEYS)
if redis.call('EXISTS', lease_key) == 1 or redis.call('SCARD', node_tabs_key) > 0 then return 0 end
redis.call('SREM', nodes_key, ARGV[1])
return 1

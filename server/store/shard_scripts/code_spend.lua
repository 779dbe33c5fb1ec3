-- Use a code up: whoever comes second with it finds none.
-- KEYS: codes of the invitation   ARGV: issued_at_ms
-- Returns 1 when it was there, else 0.
if redis.call('HGET', KEYS[1], 'issued_at_ms') ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[1], 'issued_at_ms')

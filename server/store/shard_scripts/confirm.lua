-- Write something after a change that must not be lost, where the server holds that change: a replica that has this write has all
-- before it.
-- KEYS[1] where the change shows: the kept answer, or a hash   KEYS[2] confirm
-- ARGV: field of the hash, '' where the key itself is the sign; a word that must stand in the field
-- Returns 1 when the change is there, else 0.
local sign_key, confirm_key = KEYS[1], KEYS[2]
local field, word = unpack(ARGV)
if field == '' then
  if redis.call('EXISTS', sign_key) == 0 then return 0 end
else
  local text = redis.call('HGET', sign_key, field)
  if not text or not string.find(text, word, 1, true) then return 0 end
end
redis.call('SET', confirm_key, '1', 'PX', 60000)
return 1

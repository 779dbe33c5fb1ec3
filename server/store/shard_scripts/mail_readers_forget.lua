-- Take readers out of the queue's group that have nothing in hand and have not read for long: their nodes are gone.
-- KEYS: mail   ARGV: group, idle_ms, the only reader that is meant (may be absent)
-- Returns how many were taken out.
local mail_key = KEYS[1]
local group, idle_ms, only = unpack(ARGV)
local count = 0
local readers = redis.pcall('XINFO', 'CONSUMERS', mail_key, group)
if readers.err then return 0 end  -- no group yet
for _, reader in ipairs(readers) do
  local fields = {}
  for index = 1, #reader, 2 do fields[reader[index]] = reader[index + 1] end
  if fields.pending == 0 and fields.idle >= tonumber(idle_ms) and (not only or fields.name == only) then
    redis.call('XGROUP', 'DELCONSUMER', mail_key, group, fields.name)
    count = count + 1
  end
end
return count

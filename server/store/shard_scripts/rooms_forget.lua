-- Take rooms whose keys have run out from the list of rooms; one that was made anew meanwhile stays.
-- KEYS[1] rooms   KEYS[2] … the rooms' hashes   ARGV: the rooms' ids, in the same order
-- Returns how many were taken out.
local count = 0
for index, room_id in ipairs(ARGV) do
  if redis.call('EXISTS', KEYS[index + 1]) == 0 then
    count = count + redis.call('SREM', KEYS[1], room_id)
  end
end
return count

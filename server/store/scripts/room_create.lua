-- Create a room, open at once where it has no start.
-- args: room (record)   Events: 1 room_created
-- Returns {seq, now_ms, room (its record, as text)}, or {refused: room_exists}.
local before = settled()
if before then return before end
if redis.call('HEXISTS', room_key, 'doc') == 1 then return refuse('room_exists') end
local room = args.room
room.created_at_ms = now_ms
if room.phase == 'open' then room.opened_at_ms = now_ms end
put_room(room)
redis.call('SADD', rooms_key, room_id)
if room.starts_at_ms then
  schedule('open', nil, room.starts_at_ms)
  schedule('early', nil, room.starts_at_ms - room.early_entry_s * 1000)
end
return answer({seq = append(1), now_ms = now_ms, room = redis.call('HGET', room_key, 'doc')})

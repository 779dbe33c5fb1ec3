-- Put a changed room record in the place of the one that it was made from: edits, lock, unlock, message, end, deletion.
-- args: room (record), seen   Events: 1 room_changed
-- Returns {seq}, or {refused: stale}.
local before = settled()
if before then return before end
local room, old = args.room, load_room()
room.rev = old.rev
put_room(room)
if room.phase == 'scheduled' and room.starts_at_ms and room.starts_at_ms ~= old.starts_at_ms then
  schedule('open', nil, room.starts_at_ms)
  schedule('early', nil, room.starts_at_ms - room.early_entry_s * 1000)
end
if old.locked and not room.locked then schedule('line', nil, now_ms) end
if room.phase == 'ended' or room.phase == 'deleted' then
  unschedule('open')
  unschedule('early')
  unschedule('line')
end
if room.phase == 'deleted' then redis.call('SREM', rooms_key, room_id) end
return answer({seq = append(1)})

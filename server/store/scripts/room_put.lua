-- Put a changed room record in the place of the one that it was made from: edits, lock, unlock, message, end, deletion.
-- args: room (record), moved_users (whose standing moved), widened (roles whose permissions moved), by, seen
-- Events: 1 room_changed   2 to 6: see settle_standing
-- Returns {seq}, or {refused: stale}.
local before = settled()
if before then return before end
local room, old = args.room, load_room()
room.rev = old.rev
put_room(room)
local is_moved = room.starts_at_ms ~= old.starts_at_ms or room.early_entry_s ~= old.early_entry_s or room.opens ~= old.opens
if room.phase == 'scheduled' and is_moved then
  if room.starts_at_ms then
    schedule('open', nil, room.starts_at_ms)
    schedule('early', nil, room.starts_at_ms - room.early_entry_s * 1000)
  elseif old.starts_at_ms then
    unschedule('open')
    unschedule('early')
    schedule('line', nil, now_ms)  -- who may be early need not wait any more
  end
end
local has_more_seats = old.capacity and (not room.capacity or room.capacity > old.capacity)
if (old.locked and not room.locked) or has_more_seats then schedule('line', nil, now_ms) end
if room.capacity ~= old.capacity then schedule_seat(room) end
-- By the site's doing somebody may wait for a host now who did not.
if (room.locked and not old.locked) or (old.starts_at_ms and not room.starts_at_ms) then call_hosts_for_line() end
if room.host_absent_since_ms then schedule('absent', nil, room.host_absent_since_ms + room.host_absence_s * 1000) end
if room.phase == 'ended' or room.phase == 'deleted' then
  unschedule_session()
end
if room.phase == 'deleted' then redis.call('SREM', rooms_key, room_id) end
-- The same role again, with other permissions: its people's tabs are to apply it.
for _, role in ipairs(args.widened or {}) do
  for _, id in ipairs(redis.call('HKEYS', people_key)) do
    local person = load_person(id)
    if person.role == role then
      set_role(person, role, args.by)
      put_person(person)
    end
  end
end
local seq = append(1)
for _, user_id in ipairs(args.moved_users or {}) do
  local id = redis.call('HGET', identities_key, 'user:' .. user_id)
  local person = id and load_person(id)
  if person and person.user_id == user_id then
    seq = settle_standing(person, (room.standings or {})[user_id], args.by, 2) or seq
  end
end
return answer({seq = seq})

-- The hosts have been gone for as long as they may: the session ends, unless one is back.
-- args: none   Events: 1 room_changed ended
-- Returns {seq}; seq is absent where nothing changed; or {refused: not_yet | room_unknown}.
local room = load_room()
unschedule('absent')
if not room then return refuse('room_unknown') end
local is_live = room.phase == 'open' or room.phase == 'opening'
if not is_live or not room.host_absent_since_ms or room.host_absence_s == 0 then return cjson.encode({changed = false}) end
local ends_at_ms = room.host_absent_since_ms + room.host_absence_s * 1000
if now_ms < ends_at_ms then
  schedule('absent', nil, ends_at_ms)
  return refuse('not_yet')
end
room.phase, room.ended_at_ms, room.ended_because = 'ended', now_ms, 'host_absence'
put_room(room)
unschedule_session()
return cjson.encode({seq = append(1)})

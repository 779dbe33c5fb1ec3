-- Begin to open the session: by a host at any time, by time at its start. Whoever comes second finds it begun.
-- args: by_time (boolean), seen   Events: 1 room_changed opening   2 room_changed start_reached
-- Returns {seq, phase}; or {refused: already_live | not_yet | stale | room_unknown}.
local before = settled()
if before then return before end
local room = load_room()
if not room then
  unschedule('open')
  return refuse('room_unknown')
end
if room.phase ~= 'scheduled' then
  unschedule('open')
  return refuse('already_live')
end
if args.by_time and (not room.starts_at_ms or now_ms < room.starts_at_ms) then
  if room.starts_at_ms then schedule('open', nil, room.starts_at_ms) else unschedule('open') end
  return refuse('not_yet')
end
unschedule('open')
if args.by_time and room.opens == 'by_host' then
  if room.start_reached then return refuse('already_live') end  -- another node has said so
  room.start_reached = true
  put_room(room)
  call_hosts_for_line()
  return answer({seq = append(2), phase = room.phase})
end
unschedule('early')
room.phase, room.opened_at_ms = 'opening', now_ms
put_room(room)
schedule('line', nil, now_ms)
return answer({seq = append(1), phase = room.phase})

-- Go on with a session that has ended, while it may be: hosts who wait on its last page are in at once. Everybody else comes
-- again as they came before: claims, roles, bans and who was let in hold.
-- args: seen   Events: 1 room_changed reopened   2 participants_joined
-- Returns {seq}; or {refused: already_live | session_ended | stale}.
local before = settled()
if before then return before end
local room = load_room()
if room.phase ~= 'ended' then return refuse('already_live') end
if now_ms >= room.ended_at_ms + (room.reopen_s or 86400) * 1000 then return refuse('session_ended') end
room.phase, room.ended_at_ms, room.ended_because = 'open', nil, nil
put_room(room)
local seq, joined = append(1), false
for _, id in ipairs(redis.call('HKEYS', tabs_key)) do
  local person = load_person(id)
  if person and person.state == 'known' and is_host(person) and not person.hold then
    into_room(person)
    person.present = true
    put_person(person)
    joined = true
  end
end
schedule_seat(room)  -- nobody looked at seats meanwhile
if joined then seq = append(2) end
return answer({seq = seq})

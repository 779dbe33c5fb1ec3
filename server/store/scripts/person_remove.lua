-- Put somebody out, from the room or from the line.
-- args: participant_id, ban (boolean), seen   Events: 1 participant_removed   2 participant_removed from the line
-- Returns {seq}; or {refused: already_decided | stale}.
local before = settled()
if before then return before end
local person = load_person(args.participant_id)
local wanted = args.ban and 'banned' or 'removed'
if person.state == wanted or (person.state == 'banned' and not args.ban) then
  return answer({refused = 'already_decided'})
end
local was_inside = person.state == 'inside'
leave_line(person)
person.state, person.present = wanted, false
person.hand_raised_at_ms, person.joined_at_ms, person.admitted = nil, nil, nil
if args.ban then
  person.banned_at_ms = now_ms
  -- A ban holds the devices as well: another link does not open the room on them.
  for _, mark in ipairs(person.device_marks or {}) do redis.call('HSET', bans_key, mark, whole(now_ms)) end
  local invitation = person.invitation_id and load_invitation(person.invitation_id)
  for _, device in pairs(invitation and invitation.devices or {}) do
    if device.key_thumbprint then redis.call('HSET', bans_key, 'k:' .. device.key_thumbprint, whole(now_ms)) end
    if device.cookie_hash then redis.call('HSET', bans_key, 'c:' .. device.cookie_hash, whole(now_ms)) end
  end
end
put_person(person)
return answer({seq = append(was_inside and 1 or 2)})

-- Let a device in by a guest link: the first time it is a click and a new person, from then on the same person. Who is not in
-- yet and comes by another link is that link's guest by one click of it; mirrors domain/guests.needs_click.
-- Many come at once, and each click changes the link: so what the rule found about the link is looked at again here.
-- args: guest_link_id, identity (of the device), participant_id (for a new person), name, claimed_email, device_marks,
--       max_guests, seen   Events: 1 guest_link_changed clicked
-- Returns {participant_id, seq}; seq is absent for a device that is known; or {refused: guest_link_full | guests_full | stale}.
local before = settled()
if before then return before end
local known_id = redis.call('HGET', identities_key, args.identity)
local person = known_id and load_person(known_id)
if person and (person.state == 'inside' or person.admitted or person.guest_link_id == args.guest_link_id) then
  return answer({participant_id = known_id})
end
local link = load_guest_link(args.guest_link_id)
if link.status ~= 'active' or (link.expires_at_ms and now_ms >= link.expires_at_ms) then return refuse('stale') end
if link.max_clicks and link.clicks >= link.max_clicks then return refuse('guest_link_full') end
if person then
  person.guest_link_id = link.guest_link_id
else
  local guests = tonumber(redis.call('HGET', room_key, 'guests') or '0')
  if guests >= args.max_guests then return refuse('guests_full') end
  redis.call('HINCRBY', room_key, 'guests', 1)
  redis.call('HSET', identities_key, args.identity, args.participant_id)
  person = {participant_id = args.participant_id, name = args.name, claimed_email = args.claimed_email, role = 'viewer',
    role_rev = 1, state = 'known', present = false, knocks = 0, guest_link_id = link.guest_link_id,
    device_marks = args.device_marks}
end
link.clicks = link.clicks + 1
put_guest_link(link)
put_person(person)
return answer({participant_id = person.participant_id, seq = append(1)})

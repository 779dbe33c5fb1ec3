-- Claim a link for a device: the invitation is used, and its address is a proven identity of a person here.
-- args: invitation_id, device (record), participant_id (as known, or for a new person), identity, name, role (decided by the rule),
--       seen   Events: 1 invitation_changed claimed   2 role_changed   3 invitation_changed replaced
-- Returns {participant_id, seq}; or {refused: stale}.
local before = settled()
if before then return before end
local invitation = load_invitation(args.invitation_id)
local id = redis.call('HGET', identities_key, args.identity)
-- Somebody has come by this address since: their role was not looked at.
if id and id ~= args.participant_id then return refuse('stale') end
local person = id and load_person(id)
local is_new = not person
if is_new then
  person = {participant_id = args.participant_id, name = args.name, role = args.role, role_rev = 1, state = 'known',
    present = false, knocks = 0}
  redis.call('HSET', identities_key, args.identity, person.participant_id)
end
if not person.email then person.email, person.email_proof = invitation.email, 'link' end
person.invitation_id = invitation.invitation_id
if person.state == 'banned' and invitation.created_at_ms > (person.banned_at_ms or 0) then
  person.state, person.hold = 'known', nil
end
local devices = invitation.devices or {}
args.device.claimed_at_ms = now_ms
devices[args.device.device_id] = args.device
invitation.devices = devices
if invitation.moved_devices then invitation.moved_devices[args.device.device_id] = nil end
invitation.status, invitation.participant_id = 'claimed', person.participant_id
invitation.claimed_at_ms = invitation.claimed_at_ms or now_ms
put_invitation(invitation)
put_person(person)
local seq = append(1)
if not is_new and args.role ~= person.role then
  set_role(person, args.role)
  put_person(person)
  if person.state == 'waiting' then schedule('line', nil, now_ms) end
  seq = append(2)
end
local older = invitation.takes_over and load_invitation(invitation.takes_over)
if older and older.status ~= 'revoked' and older.status ~= 'replaced' then
  older.status = 'replaced'
  put_invitation(older)
  seq = append(3)
end
return answer({participant_id = person.participant_id, seq = seq})

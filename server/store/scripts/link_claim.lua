-- Claim a link for a device: the invitation is used, and its address is a proven identity of a person here.
-- The rule looked at the roles of the invitation and of the person; devices are counted here.
-- args: invitation_id, device (record), participant_id (as known, or for a new person), identity, name, role (decided by the
--       rule), invited_role, old_role (absent for a new person), max_devices, seen
-- Events: 1 invitation_changed claimed   2 role_changed   3 invitation_changed replaced
-- Returns {participant_id, seq}; or {refused: stale}.
local before = settled()
if before then return before end
local invitation, device = load_invitation(args.invitation_id), args.device
local id = redis.call('HGET', identities_key, args.identity)
local person = id and load_person(id)
local devices, count = invitation.devices or {}, 0
for _ in pairs(devices) do count = count + 1 end
local most = invitation.link_devices == -1 and args.max_devices or invitation.link_devices
if invitation.status == 'revoked' or invitation.status == 'replaced' or invitation.role ~= args.invited_role
  or (not devices[device.device_id] and count >= most)
  or (person and person.role or nil) ~= args.old_role or (id and id ~= args.participant_id) then
  return refuse('stale')
end
local is_banned = person and person.state == 'banned'
if is_banned and invitation.created_at_ms <= (person.banned_at_ms or 0) then return refuse('stale') end
local is_new = not person
if is_new then
  person = {participant_id = args.participant_id, name = args.name, role = args.role, role_rev = 1, state = 'known',
    present = false, knocks = 0}
  redis.call('HSET', identities_key, args.identity, person.participant_id)
end
device.claimed_at_ms = now_ms
devices[device.device_id] = device
invitation.devices = devices
if invitation.moved_devices then invitation.moved_devices[device.device_id] = nil end
invitation.status, invitation.participant_id = 'claimed', person.participant_id
invitation.claimed_at_ms = invitation.claimed_at_ms or now_ms
put_invitation(invitation)
if not person.email or person.invitation_id ~= invitation.invitation_id or is_banned then
  if not person.email then person.email, person.email_proof = invitation.email, 'link' end
  person.invitation_id = invitation.invitation_id
  if is_banned then person.state, person.hold = 'known', nil end
  put_person(person)
end
local seq = append(1)
if args.role ~= person.role then
  set_role(person, args.role)
  put_person(person)
  look_at_line_for(person)
  seq = append(2)
end
local older = invitation.takes_over and load_invitation(invitation.takes_over)
if older and older.status ~= 'revoked' and older.status ~= 'replaced' then
  older.status = 'replaced'
  put_invitation(older)
  seq = append(3)
end
return answer({participant_id = person.participant_id, seq = seq})

-- Put a changed invitation in the place of the one that it was made from: opened, extended, revoked, role, device asked,
-- refused or allowed.
-- args: invitation (record), seen   Events: 1 invitation_changed
-- Returns {seq}; or {refused: stale}.
local before = settled()
if before then return before end
local invitation = args.invitation
invitation.rev = load_invitation(invitation.invitation_id).rev
put_invitation(invitation)
if invitation.status == 'revoked' and redis.call('HGET', addresses_key, invitation.email) == invitation.invitation_id then
  redis.call('HDEL', addresses_key, invitation.email)
end
return answer({seq = append(1)})

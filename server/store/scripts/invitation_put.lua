-- Put a changed invitation in the place of the one that it was made from: opened, extended, revoked, role, device asked,
-- refused or allowed.
-- args: invitation (record), extended (whether that is what changed), seen   Events: 1 invitation_changed
-- Returns {seq, expires_at_ms (of what was extended)}; or {refused: stale}.
local before = settled()
if before then return before end
local invitation = args.invitation
invitation.rev = load_invitation(invitation.invitation_id).rev
put_invitation(invitation)
if invitation.status == 'revoked' and redis.call('HGET', addresses_key, invitation.email) == invitation.invitation_id then
  -- One that it was to take over is the address's present one again, so that a later one takes that over.
  local older = invitation.takes_over and load_invitation(invitation.takes_over)
  if older and older.status == 'claimed' then
    redis.call('HSET', addresses_key, invitation.email, older.invitation_id)
  else
    redis.call('HDEL', addresses_key, invitation.email)
  end
end
return answer({seq = append(1), expires_at_ms = args.extended and invitation.expires_at_ms or nil})

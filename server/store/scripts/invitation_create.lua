-- Store a new invitation. An older unclaimed one for the address is replaced; a claimed one is taken over at the claim.
-- args: invitation (record), max_invitations, seen   Events: 1 invitation_changed created   2 invitation_changed replaced
-- Returns {invitation_id, replaced (an invitation id, may be absent), seq}; or {refused: too_many_invitations | stale}.
local before = settled()
if before then return before end
local invitation, replaced = args.invitation, nil
-- Those withdrawn do not count, but are kept, so that their links get the right answer: with a bound of their own.
local is_one_more = redis.call('HEXISTS', addresses_key, invitation.email) == 0
if (is_one_more and redis.call('HLEN', addresses_key) >= args.max_invitations)
  or redis.call('HLEN', invitations_key) >= 4 * args.max_invitations then
  return refuse('too_many_invitations')
end
invitation.created_at_ms = now_ms
local older_id = redis.call('HGET', addresses_key, invitation.email)
local older = older_id and load_invitation(older_id)
if older and (older.status == 'created' or older.status == 'opened') then
  older.status, replaced, invitation.takes_over = 'replaced', older_id, older.takes_over
  put_invitation(older)
  append(2)
elseif older and older.status == 'claimed' then
  invitation.takes_over = older_id
end
put_invitation(invitation)
redis.call('HSET', links_key, invitation.secret_hash, invitation.invitation_id)
redis.call('HSET', addresses_key, invitation.email, invitation.invitation_id)
return answer({invitation_id = invitation.invitation_id, replaced = replaced, seq = append(1)})

-- Store a new invitation. An older unclaimed one for the address is replaced; a claimed one is taken over at the claim.
-- args: invitation (record), max_invitations, mail_id (where it is to be mailed), promotion {participant_id, role, by} (absent
--       where nobody's role changes), seen, row (where it comes from an upload): key, digest of what it says, lasting (whether
--       the key stands for it for ever, or only while the invitation that it made holds), planned_end_ms of the session
-- Events: 1 invitation_changed created   2 invitation_changed replaced   3 role_changed
-- Returns {invitation_id, replaced (an invitation id, may be absent), repeated (true where the row made it before), seq}; or
--   {refused: too_many_invitations | mail_queue_full | row_key_reused | stale}.
local before = settled()
if before then return before end
local invitation, replaced = args.invitation, nil

-- Mirrors domain/upload.made_before, which a test compares.
local row = args.row
local kept = row and redis.call('HGET', row_keys_key, row.key)
if kept then
  local split = string.find(kept, '|', 1, true)
  local made = load_invitation(string.sub(kept, 1, split - 1))
  if made and string.sub(kept, split + 1) ~= row.digest then return refuse('row_key_reused') end
  local holds = made and made.status ~= 'revoked' and made.status ~= 'replaced'
    and now_ms < math.max(made.expires_at_ms, row.planned_end_ms)
  if made and (row.lasting or holds) then
    local seq = tonumber(redis.call('HGET', room_key, 'seq'))
    return answer({invitation_id = made.invitation_id, repeated = true, seq = seq})
  end
end

-- Those withdrawn do not count, but are kept, so that their links get the right answer: with a bound of their own.
local is_one_more = redis.call('HEXISTS', addresses_key, invitation.email) == 0
if (is_one_more and redis.call('HLEN', addresses_key) >= args.max_invitations)
  or redis.call('HLEN', invitations_key) >= 4 * args.max_invitations then
  return refuse('too_many_invitations')
end
local no_mail = args.mail_id and mail_refused()
if no_mail then return refuse(no_mail) end
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
if args.mail_id then queue_invitation_mail(args.mail_id, 'invitation', invitation) end
put_invitation(invitation)
redis.call('HSET', links_key, invitation.secret_hash, invitation.invitation_id)
redis.call('HSET', addresses_key, invitation.email, invitation.invitation_id)
if row then redis.call('HSET', row_keys_key, row.key, invitation.invitation_id .. '|' .. row.digest) end
local seq, promotion = append(1), args.promotion
if promotion then seq = select(2, change_role(promotion.participant_id, promotion.role, promotion.by, 3)) end
return answer({invitation_id = invitation.invitation_id, replaced = replaced, seq = seq})

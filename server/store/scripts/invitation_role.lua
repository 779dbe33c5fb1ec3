-- Another role for an invitation, and in the same step for the person who has claimed it.
-- args: invitation (record), promotion {participant_id, role, by} (absent where nobody's role changes), seen
-- Events: 1 invitation_changed role   2 role_changed
-- Returns {seq}; or {refused: stale}.
local before = settled()
if before then return before end
local invitation, promotion, seq = args.invitation, args.promotion, nil
invitation.rev = load_invitation(invitation.invitation_id).rev
put_invitation(invitation)
seq = append(1)
if promotion then seq = select(2, change_role(promotion.participant_id, promotion.role, promotion.by, 2)) end
return answer({seq = seq})

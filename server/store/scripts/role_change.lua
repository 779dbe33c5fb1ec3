-- Change one person's role and note which of their tabs are to apply it, unless a fact that the rule was decided on moved.
-- args: participant_id, role, by (may be absent), seen   Events: 1 role_changed
-- Returns {role_rev, expected, seq}; or {refused: stale}.
local before = settled()
if before then return before end
local expected, seq, role_rev = change_role(args.participant_id, args.role, args.by, 1)
return answer({role_rev = role_rev, expected = expected, seq = seq})

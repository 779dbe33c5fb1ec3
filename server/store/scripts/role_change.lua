-- Change one person's role and note which of their tabs are to apply it, unless a fact that the rule was decided on moved.
-- args: participant_id, role, by (may be absent), seen   Events: 1 role_changed
-- Returns {role_rev, expected, seq}; or {refused: stale}.
local before = settled()
if before then return before end
local person = load_person(args.participant_id)
local expected = set_role(person, args.role, args.by)
put_person(person)
if person.state == 'waiting' and may_walk_in(load_room(), person) then schedule('line', nil, now_ms) end
return answer({role_rev = person.role_rev, expected = expected, seq = append(1)})

-- Leave the line by oneself.
-- args: participant_id, seen   Events: 1 people_left
-- Returns {seq}; or {refused: not_waiting | stale}.
local before = settled()
if before then return before end
local person = load_person(args.participant_id)
if not person or person.state ~= 'waiting' then return refuse('not_waiting') end
mark_left(person)
return answer({seq = append(1)})

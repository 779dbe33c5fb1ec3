-- Out of the room and into the line, where only a host's yes helps.
-- args: participant_id, seen   Events: 1 sent_back
-- Returns {seq}; or {refused: already_decided | stale}.
local before = settled()
if before then return before end
local person = load_person(args.participant_id)
if person.state ~= 'inside' or not person.present then return answer({refused = 'already_decided'}) end
person.hand_raised_at_ms, person.joined_at_ms, person.admitted = nil, nil, nil
join_line(person, 'sent_back')
put_person(person)
call_hosts()
return answer({seq = append(1)})

-- Send a waiter away.
-- args: participant_id, message (may be absent), seen   Events: 1 waiter_declined
-- Returns {seq}; or {refused: already_decided | stale}.
local before = settled()
if before then return before end
local person = load_person(args.participant_id)
if not person or person.state ~= 'waiting' then return answer({refused = 'already_decided'}) end
leave_line(person)
person.state, person.decline_message, person.present, person.admitted = 'declined', args.message, false, nil
put_person(person)
return answer({seq = append(1)})

-- Ask again: into the line, where only a host's yes helps.
-- args: participant_id, hold (may be absent), waits_for_host (boolean), max_waiters, seen   Events: 1 waiters_added
-- Returns {seq}; or {refused: line_full | stale}.
local before = settled()
if before then return before end
if redis.call('ZCARD', line_key) >= args.max_waiters then return refuse('line_full') end
local person = load_person(args.participant_id)
-- Without a tab there would be nobody to take out of the line again.
if next(load_tabs(args.participant_id)) == nil then return refuse('stale') end
if person.state == 'declined' then person.knocks = (person.knocks or 0) + 1 end
join_line(person, args.hold)
person.present = true
put_person(person)
look_at_line_for(person)
if args.waits_for_host then call_hosts() end
return answer({seq = append(1)})

-- Somebody takes another name; a later sign-in does not undo it.
-- args: participant_id, name, seen   Events: 1 person_renamed
-- Returns {name, seq}; seq is absent where nothing changed; or {refused: stale}.
local before = settled()
if before then return before end
local person = load_person(args.participant_id)
if person.name == args.name then return answer({name = args.name}) end
person.name, person.renamed = args.name, true
put_person(person)
return answer({name = args.name, seq = append(1)})

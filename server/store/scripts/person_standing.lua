-- Give somebody the role that the room's standings say, as they are now.
-- args: participant_id   Events: 1 to 5: see settle_standing
-- Returns {seq}; seq is absent where nothing changed.
local person, standings = load_person(args.participant_id), load_room().standings or {}
return cjson.encode({seq = person and settle_standing(person, standings[person.user_id or ''], nil, 1)})

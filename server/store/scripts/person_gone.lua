-- The grace after a person's last tab is over: unless a tab came back, they have left.
-- args: participant_id   Events: 1 people_left
-- Returns {seq}; seq is absent where nothing changed; or {refused: not_yet}.
local due_at_ms = scheduled_at_ms('gone', args.participant_id)
if due_at_ms and due_at_ms > now_ms then return refuse('not_yet') end
unschedule('gone', args.participant_id)
local person = load_person(args.participant_id)
if not due_at_ms or not person or not person.present or next(load_tabs(args.participant_id)) ~= nil then
  return cjson.encode({changed = false})
end
mark_left(person)
return cjson.encode({seq = append(1)})

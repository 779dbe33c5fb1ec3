-- Raise or lower hands: of one person, or, with no participant_id, lower all.
-- args: participant_id (may be absent), raised (boolean), seen   Events: 1 hands_changed
-- Returns {changed, seq}; or {refused: stale}; seq is absent where nothing changed.
local before = settled()
if before then return before end
local ids = args.participant_id and {args.participant_id} or redis.call('HKEYS', people_key)
local changed = 0
for _, id in ipairs(ids) do
  local person = load_person(id)
  if person and person.state == 'inside' and (person.hand_raised_at_ms ~= nil) ~= args.raised then
    person.hand_raised_at_ms = args.raised and now_ms or nil
    put_person(person)
    changed = changed + 1
  end
end
return answer({changed = changed, seq = changed > 0 and append(1) or nil})

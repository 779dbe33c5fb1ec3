-- Admit these waiters; the lock stays.
-- args: participant_ids, seen   Events: 1 participants_joined
-- Returns {admitted, already_decided, seq}; or {refused: already_decided | stale} where none of them waits.
local before = settled()
if before then return before end
local admitted, late = {}, {}
for _, id in ipairs(args.participant_ids) do
  local person = load_person(id)
  if person and person.state == 'waiting' then
    into_room(person)
    put_person(person)
    admitted[#admitted + 1] = id
  else
    late[#late + 1] = id
  end
end
if #admitted == 0 then return answer({refused = 'already_decided'}) end
return answer({admitted = admitted, already_decided = late, seq = append(1)})

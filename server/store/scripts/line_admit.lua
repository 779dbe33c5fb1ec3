-- Admit these waiters, in this order, as many as there are seats for; hosts need none. The lock stays.
-- args: participant_ids, seen   Events: 1 participants_joined
-- Returns {admitted, already_decided, full, seq}; or, where none came in, {refused: room_full | already_decided | stale}.
local before = settled()
if before then return before end
local admitted, late, full = {}, {}, {}
local free = free_seats(load_room())
for _, id in ipairs(args.participant_ids) do
  local person = load_person(id)
  if person and person.state == 'waiting' and not is_host(person) and free < 1 then
    full[#full + 1] = id
  elseif person and person.state == 'waiting' then
    free = free - 1
    into_room(person)
    put_person(person)
    admitted[#admitted + 1] = id
  else
    late[#late + 1] = id
  end
end
if #admitted == 0 and #full > 0 then return refuse('room_full') end
if #admitted == 0 then return answer({refused = 'already_decided'}) end
return answer({admitted = admitted, already_decided = late, full = full, seq = append(1)})

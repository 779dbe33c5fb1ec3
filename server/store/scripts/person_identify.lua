-- Find the person with one of these proven identities, or make a new one; note what is known better now.
-- args: identities (list), participant_id (for a new person), person (the fields that are known now)
-- Events: 1 person_identified
-- Returns {participant_id, seq}; seq is absent where nothing changed.
local before = settled()
if before then return before end
local id
for _, identity in ipairs(args.identities) do
  local known_id = not id and redis.call('HGET', identities_key, identity)
  local known = known_id and load_person(known_id)
  -- Two users of the site with one address are two people: an address does not make one the other.
  if known and (not known.user_id or known.user_id == args.person.user_id) then id = known_id end
end
local person = id and load_person(id)
local is_new = not person
local changed = is_new
if not person then
  person = {participant_id = args.participant_id, role = 'viewer', role_rev = 1, state = 'known', present = false, knocks = 0}
end
for field, value in pairs(args.person) do
  -- A role changes by role_change alone, so that its revision rises and tabs are told; a chosen name stays.
  if person[field] ~= value and (is_new or field ~= 'role') and not (field == 'name' and person.renamed) then
    person[field], changed = value, true
  end
end
for _, identity in ipairs(args.identities) do
  if redis.call('HSETNX', identities_key, identity, person.participant_id) == 1 then changed = true end
end
if not changed then return answer({participant_id = person.participant_id}) end
put_person(person)
return answer({participant_id = person.participant_id, seq = append(1)})

-- Read what a rule is decided on, at one instant. Changes nothing.
-- args: people (ids), identities, invitations (ids), secret_hash, request_id; all but people may be absent
-- Returns {now_ms, seq, line, room, people: {id: record}, identities: {identity: id}, invitations: {id: record}, answered}
local function texts(ids, key)
  local found = {}
  for _, id in ipairs(ids or {}) do
    local text = redis.call('HGET', key, id)
    if text then found[#found + 1] = {id, text} end
  end
  return found
end
local people, invitations, identities = texts(args.people, people_key), texts(args.invitations, invitations_key), {}
for _, identity in ipairs(args.identities or {}) do
  local id = redis.call('HGET', identities_key, identity)
  if id then
    identities[#identities + 1] = {identity, id}
    people[#people + 1] = {id, redis.call('HGET', people_key, id)}
  end
end
if args.secret_hash then
  local id = redis.call('HGET', links_key, args.secret_hash)
  if id then invitations[#invitations + 1] = {id, redis.call('HGET', invitations_key, id)} end
end
return {whole(now_ms), redis.call('HGET', room_key, 'doc'), people, identities, invitations, answered()}

-- Read what a rule is decided on, at one instant. Changes nothing.
-- args: people (ids), identities, invitations (ids), guest_links (ids), secret_hash, device_marks, request_id; all may be absent
-- Returns {now_ms, seq, room, people, identities, invitations, banned_at_ms, site, guest_links, answered}: people, invitations and
--   guest links as pairs of id and record, identities as pairs of identity and id. A secret finds its invitation and, if
--   known, its address's person; or its guest link.
local function texts(ids, key)
  local found = {}
  for _, id in ipairs(ids or {}) do
    local text = redis.call('HGET', key, id)
    if text then found[#found + 1] = {id, text} end
  end
  return found
end
local people, invitations, identities = texts(args.people, people_key), texts(args.invitations, invitations_key), {}
local guest_links = texts(args.guest_links, guest_links_key)
local wanted = args.identities or {}
local secret_of = args.secret_hash and redis.call('HGET', links_key, args.secret_hash)
if secret_of then
  local text = redis.call('HGET', invitations_key, secret_of)
  if text then
    invitations[#invitations + 1] = {secret_of, text}
    wanted[#wanted + 1] = 'email:' .. decode(text).email
  else
    guest_links = texts({secret_of}, guest_links_key)
  end
end
for _, identity in ipairs(wanted) do
  local id = redis.call('HGET', identities_key, identity)
  if id then
    identities[#identities + 1] = {identity, id}
    people[#people + 1] = {id, redis.call('HGET', people_key, id)}
  end
end
local banned_at_ms = 0
for _, mark in ipairs(args.device_marks or {}) do
  banned_at_ms = math.max(banned_at_ms, tonumber(redis.call('HGET', bans_key, mark) or '0'))
end
return {whole(now_ms), redis.call('HGET', room_key, 'seq'), redis.call('HGET', room_key, 'doc'), people, identities,
  invitations, whole(banned_at_ms), redis.call('GET', site_key) or '', guest_links, answered()}

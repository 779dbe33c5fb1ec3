-- Begin the next session of a channel's room: nothing of the one before is left but the hashes of its links, so that they
-- get the right refusal; the newest of them, as many as `max_past_links`. Guest links are the room's and stay,
-- but for those that are off: as many as a room keeps would be the last that it ever has.
-- args: room (record), max_past_links, seen   Events: 1 session_begun
-- Returns {session_no, seq}; or {refused: stale}.
local before = settled()
if before then return before end
local room, old = args.room, load_room()
local links, past = redis.call('HGETALL', links_key), {}
for index = 1, #links, 2 do
  local hash, of = links[index], links[index + 1]
  local session_no = tonumber(string.match(of, '^past:(%d+)$'))
  if not session_no and redis.call('HEXISTS', invitations_key, of) == 1 then
    session_no = old.session_no
    redis.call('HSET', links_key, hash, 'past:' .. whole(session_no))
  end
  if session_no then past[#past + 1] = {session_no, hash} end
end
table.sort(past, function(one, other) return one[1] > other[1] or (one[1] == other[1] and one[2] < other[2]) end)
for index = args.max_past_links + 1, #past do redis.call('HDEL', links_key, past[index][2]) end
for _, key in ipairs({people_key, identities_key, tabs_key, line_key, invitations_key, addresses_key, applications_key, bans_key,
    seats_key, hosts_key, row_keys_key}) do
  redis.call('DEL', key)
end
redis.call('HDEL', room_key, 'guests')
for _, text in ipairs(redis.call('HVALS', guest_links_key)) do
  local link = decode(text)
  if link.status ~= 'active' then
    redis.call('HDEL', guest_links_key, link.guest_link_id)
    redis.call('HDEL', links_key, link.secret_hash)
  end
end
unschedule_session()
room.rev = old.rev
if room.phase == 'open' then room.opened_at_ms = now_ms end
put_room(room)
if room.starts_at_ms then
  schedule('open', nil, room.starts_at_ms)
  schedule('early', nil, room.starts_at_ms - room.early_entry_s * 1000)
end
return answer({session_no = room.session_no, seq = append(1)})

-- Shared by every room script: names the keys, reads and writes records, and appends to the log. A record is never
-- written without being noted in `changes`, and `append` sends `changes` with the event: nothing is written that is not
-- announced.
-- KEYS: room, people, identities, tabs, line, invitations, links, addresses, applications, bans, room log, seats, hosts, row
--       keys, guest links, audit (so far the room's, renewed together), shard log, shard log_n, due, rooms, nodes, result,
--       lease of the asking node, tabs of that node, epoch, site, mail, mail_dead
-- ARGV[1] skew_ms   ARGV[2] the arguments as JSON   ARGV[3] … events, opaque bytes, in the order that the script names
local room_key, people_key, identities_key, tabs_key, line_key, invitations_key, links_key, addresses_key,
  applications_key, bans_key, room_log, seats_key, hosts_key, row_keys_key, guest_links_key, audit_key,
  shard_log, shard_n, due_key, rooms_key, nodes_key, result_key, lease_key, node_tabs_key, epoch_key, site_key, mail_key,
  mail_dead_key = unpack(KEYS)
local room_keys_count = 16
local args = cjson.decode(ARGV[2])
local clock = redis.call('TIME')
local now_ms = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + tonumber(ARGV[1])
local room_id = args.room_id
local changes = {}
local room_log_length, shard_log_length = 1000, 20000

local function decode(text) if text then return cjson.decode(text) end end

-- An empty table reads as a list or as a map, whichever the server prefers; so empty maps are left out of records.
local function encode_record(record)
  for field, value in pairs(record) do
    if type(value) == 'table' and next(value) == nil then record[field] = nil end
  end
  return cjson.encode(record)
end

local function load_room() return decode(redis.call('HGET', room_key, 'doc')) end
local function load_person(id) return decode(redis.call('HGET', people_key, id)) end
local function load_invitation(id) return decode(redis.call('HGET', invitations_key, id)) end
local function load_application(id) return decode(redis.call('HGET', applications_key, id)) end
local function load_tabs(id) return decode(redis.call('HGET', tabs_key, id)) or {} end

-- Several changes of one record within an entry are one change: the last.
local function note(kind, id, text)
  for _, change in ipairs(changes) do
    if change[1] == kind and change[2] == id then change[3] = text return end
  end
  changes[#changes + 1] = {kind, id, text}
end

local function put(kind, key, id, record)
  record.rev = (record.rev or 0) + 1
  local text = encode_record(record)
  redis.call('HSET', key, id, text)
  note(kind, kind == 'room' and room_id or id, text)
end

local function put_room(room) put('room', room_key, 'doc', room) end
local function put_person(person) put('person', people_key, person.participant_id, person) end
local function put_invitation(invitation) put('invitation', invitations_key, invitation.invitation_id, invitation) end
local function put_application(application) put('application', applications_key, application.participant_id, application) end

-- Instants have 13 digits and would be written as floats by tostring().
local function whole(number) return string.format('%.0f', number) end

local function renew_keys(room)
  local keep_ms = math.max(now_ms, room.starts_at_ms or 0, room.ends_at_ms or 0) + args.retention_ms
  for index = 1, room_keys_count do redis.call('PEXPIREAT', KEYS[index], whole(keep_ms)) end
end

local function put_tabs(id, tabs)
  if next(tabs) == nil then redis.call('HDEL', tabs_key, id) else redis.call('HSET', tabs_key, id, cjson.encode(tabs)) end
end

-- Append one event with the changes noted since the last; returns the room's new seq.
local function append(event_index)
  local event = ARGV[2 + event_index]
  local seq = redis.call('HINCRBY', room_key, 'seq', 1)
  local n = redis.call('INCR', shard_n)
  local changed = cjson.encode(changes)
  if #changes == 0 then changed = '[]' end
  redis.call('XADD', room_log, 'MAXLEN', '~', room_log_length, whole(seq) .. '-0', 'event', event, 'changes', changed)
  redis.call('XADD', shard_log, 'MAXLEN', '~', shard_log_length, whole(n) .. '-0',
    'room', room_id, 'seq', whole(seq), 'event', event, 'changes', changed)
  changes = {}
  local room = load_room()
  if room then renew_keys(room) end
  return seq
end

-- The first answer to this request, kept for its repetitions.
local function answer(outcome)
  local text = cjson.encode(outcome)
  if args.request_id then redis.call('SET', result_key, text, 'PX', 120000) end
  return text
end

local function answered()
  if args.request_id then return redis.call('GET', result_key) end
end

local function refuse(code) return cjson.encode({refused = code}) end

-- The facts that the rule was decided on: revisions of the room, of people, of invitations. Any that moved: stale.
local function facts_hold()
  local seen = args.seen
  if not seen then return true end
  if seen.room then
    local room = load_room()
    if not room or room.rev ~= seen.room then return false end
  end
  for id, rev in pairs(seen.people or {}) do
    local person = load_person(id)
    if (person and person.rev or 0) ~= rev then return false end
  end
  for id, rev in pairs(seen.invitations or {}) do
    local invitation = load_invitation(id)
    if (invitation and invitation.rev or 0) ~= rev then return false end
  end
  return true
end

-- What every mutating script asks first: an answer given before, or facts that moved.
local function settled()
  local before = answered()
  if before then return before end
  if not facts_hold() then return refuse('stale') end
end

-- One member a kind and subject: a later call moves it.
local function schedule(kind, subject, at_ms)
  redis.call('ZADD', due_key, whole(at_ms), kind .. '|' .. room_id .. '|' .. (subject or ''))
end
local function unschedule(kind, subject) redis.call('ZREM', due_key, kind .. '|' .. room_id .. '|' .. (subject or '')) end

-- A hold outlives the place: who has to wait for a host's yes does not get around it by leaving and coming back.
local function leave_line(person)
  redis.call('ZREM', line_key, person.participant_id)
  person.line_no, person.waiting_since_ms = nil, nil
end

local function join_line(person, hold)
  person.state, person.hold = 'waiting', hold
  person.line_no = redis.call('HINCRBY', room_key, 'line_n', 1)
  person.waiting_since_ms = now_ms
  redis.call('ZADD', line_key, whole(person.line_no), person.participant_id)
end

local function is_host(person) return person.role == 'moderator' or person.role == 'manager' end

-- The role of a person, with the list of tabs that are to apply it. Later tabs are not counted.
local function set_role(person, role, by)
  person.role, person.role_rev = role, person.role_rev + 1
  local expected, count = {}, 0
  for connection_id in pairs(load_tabs(person.participant_id)) do expected[connection_id] = false; count = count + 1 end
  local before = load_application(person.participant_id)
  put_application({participant_id = person.participant_id, role_rev = person.role_rev, by = by, at_ms = now_ms,
    tabs = expected, rev = before and before.rev or 0})
  return count
end

-- Returns true when an application that waited for this tab changed.
local function forget_tab(participant_id, connection_id)
  local application = load_application(participant_id)
  if not application or not application.tabs or application.tabs[connection_id] ~= false then return false end
  application.tabs[connection_id] = nil
  put_application(application)
  return true
end

local function into_room(person)
  leave_line(person)
  person.state, person.joined_at_ms, person.hold = 'inside', now_ms, nil
  person.knocks, person.decline_message = 0, nil
end

-- A waiter who may walk in by now needs nobody's yes. Mirrors domain/admission.may_walk_in, which a test compares; but
-- while the session is opening everybody in the line counts, since the line is what is being let in.
local function may_walk_in(room, person)
  if person.hold then return false end
  if room.locked and not is_host(person) then return false end
  if room.phase == 'scheduled' then
    if person.role == 'manager' then return true end
    if person.role == 'viewer' then return false end
    return not room.starts_at_ms or now_ms >= room.starts_at_ms - room.early_entry_s * 1000
  end
  return room.phase == 'open' or room.phase == 'opening'
end

-- Out of the list, or out of the line, because the last tab is gone.
local function mark_left(person)
  person.present = false
  person.hand_raised_at_ms = nil
  if person.state == 'waiting' then
    leave_line(person)
    person.state = 'known'
  end
  put_person(person)
end

local function lease_held() return redis.call('GET', lease_key) == args.incarnation end

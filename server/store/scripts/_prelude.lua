-- Shared by the scripts that change a room, after _room: writes records, and appends to the log. A record is never written
-- without being noted in `changes`, and `append` sends `changes` with the event: nothing is written that is not announced.
-- It takes the KEYS and ARGV that _room names.
local changes = {}
local room_log_length, shard_log_length, audit_length = 1000, 20000, 5000

-- An empty table reads as a list or as a map, whichever the server prefers; so empty maps are left out of records.
local function encode_record(record)
  for field, value in pairs(record) do
    if type(value) == 'table' and next(value) == nil then record[field] = nil end
  end
  return cjson.encode(record)
end

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

local function put_room(room)
  put('room', room_key, 'doc', room)
  the_room = room
end

local function put_invitation(invitation) put('invitation', invitations_key, invitation.invitation_id, invitation) end
local function put_application(application) put('application', applications_key, application.participant_id, application) end

local function put_guest_link(link) put('guest_link', guest_links_key, link.guest_link_id, link) end

local function renew_keys(room)
  local reopenable_ms = room.phase == 'ended' and (room.ended_at_ms or 0) + (room.reopen_s or 0) * 1000 or 0
  local keep_ms = math.max(now_ms, room.starts_at_ms or 0, room.ends_at_ms or 0, reopenable_ms) + args.retention_ms
  for index = 1, room_keys_count do redis.call('PEXPIREAT', KEYS[index], whole(keep_ms)) end
end

local function put_tabs(id, tabs)
  if next(tabs) == nil then redis.call('HDEL', tabs_key, id) else redis.call('HSET', tabs_key, id, cjson.encode(tabs)) end
end

-- The line that the audit keeps of an event, where it is an act, with the records that it changed.
local function audit(event_index, seq)
  local line = args.audit and args.audit[event_index]
  if not line or line == '' then return end
  local subjects = {}
  for index, change in ipairs(changes) do subjects[index] = {change[1], change[2]} end
  redis.call('XADD', audit_key, 'MAXLEN', '~', audit_length, whole(seq) .. '-0', 'at_ms', whole(now_ms), 'line', line,
    'subjects', #subjects == 0 and '[]' or cjson.encode(subjects))
end

-- Which lists are too long to be told row by row, by who is inside with a tab open and who stands in the line. Kept with the
-- seq since which it is so: tabs that resume from before get the room whole.
local function measured(seq)
  local before, now = redis.call('HGET', room_key, 'crowd') or '', {}
  local function exceeds(word, count, from, till)
    if count > from or (count >= till and string.find(' ' .. before .. ' ', ' ' .. word .. ' ', 1, true)) then
      now[#now + 1] = word
    end
  end
  exceeds('large', redis.call('ZCOUNT', seats_key, 'inf', 'inf'), args.large_from, args.large_until)
  exceeds('long_line', redis.call('ZCARD', line_key), args.long_line_from, args.long_line_until)
  local crowd = table.concat(now, ' ')
  if crowd ~= before then redis.call('HSET', room_key, 'crowd', crowd, 'resized_seq', whole(seq)) end
  return crowd
end

-- One member a kind and subject: a later call moves it.
local function schedule(kind, subject, at_ms)
  redis.call('ZADD', due_key, whole(at_ms), kind .. '|' .. room_id .. '|' .. (subject or ''))
end
local function unschedule(kind, subject) redis.call('ZREM', due_key, kind .. '|' .. room_id .. '|' .. (subject or '')) end
local function scheduled_at_ms(kind, subject)
  return tonumber(redis.call('ZSCORE', due_key, kind .. '|' .. room_id .. '|' .. (subject or '')) or nil)
end

-- Nobody is there who could say yes: the hosts who are away are to be called, at most once in a while.
local function call_hosts()
  if redis.call('SCARD', hosts_key) > 0 then return end
  local room = load_room()
  local next_ms = room.hosts_pinged_at_ms and room.hosts_pinged_at_ms + args.ping_hosts_ms or now_ms
  schedule('ping', nil, math.max(now_ms, next_ms))
end

-- Those who go on waiting have them called, if it is a host whom they wait for: that is looked at then.
local function call_hosts_for_line()
  if redis.call('ZCARD', line_key) > 0 then call_hosts() end
end

-- Whether a host is there, as the room has it: once one was in a live session, their absence has a beginning and an end.
local host_went = false
local function settle_hosts()
  local room = load_room()
  if not room then return end
  local is_live = room.phase == 'open' or room.phase == 'opening'
  if host_went and (is_live or room.phase == 'scheduled') then call_hosts_for_line() end
  local is_here = redis.call('SCARD', hosts_key) > 0
  local seen = is_live and (is_here or room.host_seen or false)
  local is_absent = seen and not is_here and (room.host_absence_s or 0) > 0
  local since_ms = is_absent and (room.host_absent_since_ms or now_ms) or nil
  if seen == (room.host_seen or false) and since_ms == room.host_absent_since_ms then return end
  room.host_seen, room.host_absent_since_ms = seen, since_ms
  put_room(room)
  if since_ms then schedule('absent', nil, since_ms + room.host_absence_s * 1000) else unschedule('absent') end
end

-- Append one event with the changes noted since the last; returns the room's new seq.
local function append(event_index)
  settle_hosts()
  local event = ARGV[2 + event_index]
  local seq = redis.call('HINCRBY', room_key, 'seq', 1)
  local n = redis.call('INCR', shard_n)
  local changed = cjson.encode(changes)
  if #changes == 0 then changed = '[]' end
  local crowd = measured(seq)
  redis.call('XADD', room_log, 'MAXLEN', '~', room_log_length, whole(seq) .. '-0', 'event', event, 'changes', changed,
    'crowd', crowd)
  redis.call('XADD', shard_log, 'MAXLEN', '~', shard_log_length, whole(n) .. '-0',
    'room', room_id, 'seq', whole(seq), 'event', event, 'changes', changed, 'crowd', crowd)
  audit(event_index, seq)
  changes = {}
  local room = load_room()
  if room then renew_keys(room) end
  return seq
end

-- The first answer to this request, kept for its repetitions, with the fingerprint of what was asked before it.
local function answer(outcome)
  local text = cjson.encode(outcome)
  if args.request_id then
    redis.call('SET', result_key, (args.fingerprint or '') .. '|' .. text, 'PX', whole(args.keep_ms))
  end
  return text
end

-- The facts that the rule was decided on: revisions of the room, of people, of links, of the site. Any that moved: stale.
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
  if seen.site then
    local site = load_site()
    if (site and site.rev or 0) ~= seen.site then return false end
  end
  return true
end

-- What every mutating script asks first: an answer given before, or facts that moved.
local function settled()
  local before = answered()
  if before then return before end
  if not facts_hold() then return refuse('stale') end
end

local function is_host(person) return person.role == 'moderator' or person.role == 'manager' end

-- Seats that are free; one that was kept for somebody who did not come back in time is.
local function free_seats(room)
  if not room.capacity then return math.huge end
  redis.call('ZREMRANGEBYSCORE', seats_key, '-inf', whole(now_ms))
  return room.capacity - redis.call('ZCARD', seats_key)
end

-- The line is looked at when the first of the seats that are kept is free.
local function schedule_seat(room)
  local first = free_seats(room) < math.huge and redis.call('ZRANGE', seats_key, 0, 0, 'WITHSCORES')
  if first and first[2] and first[2] ~= 'inf' then schedule('seat', nil, tonumber(first[2])) else unschedule('seat') end
end

-- Who is inside with a tab has a seat; after the last tab it is kept for a while; outside there is none.
local function settle_seat(person)
  local id, is_inside = person.participant_id, person.state == 'inside'
  if is_inside and person.present then
    person.seat_until_ms = nil
    redis.call('ZADD', seats_key, 'inf', id)
    return
  end
  person.seat_until_ms = is_inside and (person.seat_until_ms or now_ms + args.seat_hold_ms) or nil
  local room = load_room()
  free_seats(room)  -- a seat that was free before is not freed now
  if is_inside and person.seat_until_ms > now_ms then
    redis.call('ZADD', seats_key, whole(person.seat_until_ms), id)
    if room.capacity and not scheduled_at_ms('seat') then schedule('seat', nil, person.seat_until_ms) end
  elseif redis.call('ZREM', seats_key, id) == 1 and room.capacity and redis.call('ZCARD', line_key) > 0 then
    schedule('line', nil, now_ms)
  end
end

-- Where the person of an invitation is, and as what: the list of invitations tells it, so it is written where it changes.
local function settle_invitation(person)
  local invitation = person.invitation_id and load_invitation(person.invitation_id)
  if not invitation or invitation.participant_id ~= person.participant_id then return end
  local place = person.state
  if place == 'known' or (place == 'inside' and not person.present) then place = 'away' end
  if invitation.person_state == place and invitation.person_role == person.role then return end
  invitation.person_state, invitation.person_role = place, person.role
  if place == 'inside' or place == 'waiting' then invitation.came_at_ms = invitation.came_at_ms or now_ms end
  put_invitation(invitation)
end

local function put_person(person)
  local id = person.participant_id
  settle_seat(person)
  local is_host_here = person.state == 'inside' and person.present and is_host(person)
  if is_host_here then
    redis.call('SADD', hosts_key, id)
  elseif redis.call('SREM', hosts_key, id) == 1 then
    host_went = true
  end
  put('person', people_key, id, person)
  settle_invitation(person)
end

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
  person.knocks, person.decline_message, person.admitted = 0, nil, true
end

-- A guest who is not in yet stays out once guests are not wanted; see domain/guests.py.
local function is_wanted(room, person)
  if not person.guest_link_id or person.state == 'inside' or person.admitted then return true end
  local link, site = load_guest_link(person.guest_link_id), load_site()
  return link and link.status == 'active' and room.guest_access ~= false and not (site and site.guest_access == false)
end

-- A waiter who may walk in by now needs nobody's yes. Mirrors domain/admission.may_walk_in, which a test compares; but
-- while the session is opening everybody in the line counts, since the line is what is being let in.
local function may_walk_in(room, person)
  if person.hold then return false end
  if person.admitted then return true end
  if not is_wanted(room, person) then return false end
  if room.locked and not is_host(person) then return false end
  if room.phase == 'scheduled' then
    if person.role == 'manager' then return true end
    if person.role == 'viewer' then return false end
    return not room.starts_at_ms or now_ms >= room.starts_at_ms - room.early_entry_s * 1000
  end
  return room.phase == 'open' or room.phase == 'opening'
end

-- A waiter who needs nobody's yes and finds a seat is let in by whoever looks next at what is due. A host needs no seat: so
-- that one is found, wherever in the line, it is noted that one is there.
local function look_at_line_for(person)
  local room = load_room()
  if person.state ~= 'waiting' or not may_walk_in(room, person) then return end
  if is_host(person) then redis.call('HSET', room_key, 'host_in_line', 1) end
  if is_host(person) or free_seats(room) > 0 then schedule('line', nil, now_ms) end
end

-- A standing makes a manager at once; who loses theirs is a viewer from then on. Events: from `first` on, role_changed from
-- viewer, speaker and moderator to manager, from manager to viewer, and person_identified. Returns the seq, nil for no change.
local function settle_standing(person, standing, by, first)
  local role, lost = person.role, person.standing and not standing
  if person.standing == standing and (not standing or role == 'manager') then return nil end
  person.standing = standing
  local event = first + 4
  if standing and role ~= 'manager' then
    event = first + ({viewer = 0, speaker = 1, moderator = 2})[role]
    set_role(person, 'manager', by)
  elseif lost and role == 'manager' then
    event = first + 3
    set_role(person, 'viewer', by)
  end
  put_person(person)
  look_at_line_for(person)
  return append(event)
end

-- Whether somebody in the line may be able to take a free seat: whatever gives them the right, or the seat, has the line
-- looked at. So a long one need not be gone through to find that nobody is.
local function is_line_looked_at()
  for _, kind in ipairs({'line', 'seat', 'early'}) do
    local at_ms = scheduled_at_ms(kind)
    if at_ms and at_ms <= now_ms then return true end
  end
  return false
end

-- Whether somebody who may walk in finds a seat: the one that is kept for them, or a free one that nobody in the line is
-- before them to take. Hosts need none, and take one.
local function finds_seat(room, person)
  if not room.capacity or is_host(person) then return true end
  local free, id = free_seats(room), person.participant_id
  if redis.call('ZSCORE', seats_key, id) then return true end
  if free < 1 then return false end
  if not is_line_looked_at() then return true end
  for _, other_id in ipairs(redis.call('ZRANGE', line_key, 0, -1)) do
    local other = load_person(other_id)
    if other and may_walk_in(room, other) then return other_id == id end
  end
  return true
end

-- Give a person another role, and log it as the event of that index; returns the number of tabs that are to apply it, and
-- the room's new seq.
local function change_role(id, role, by, event_index)
  local person = load_person(id)
  local expected = set_role(person, role, by)
  put_person(person)
  look_at_line_for(person)
  return expected, append(event_index), person.role_rev
end

-- Nothing more is due in a room whose session is over, but for people who leave.
local function unschedule_session()
  for _, kind in ipairs({'open', 'early', 'line', 'seat', 'absent', 'ping'}) do unschedule(kind) end
end

-- Out of the list, or out of the line, because the last tab is gone. On purpose: the seat is free at once.
local function mark_left(person, on_purpose)
  person.present = false
  if on_purpose and person.state == 'inside' then person.seat_until_ms = now_ms end
  person.hand_raised_at_ms = nil
  if person.state == 'waiting' then
    leave_line(person)
    person.state = 'known'
  end
  put_person(person)
end

local function lease_held() return redis.call('GET', lease_key) == args.incarnation end

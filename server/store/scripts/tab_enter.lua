-- A tab of a person connects: note it on its node, and bring the person in, into the line, or to the page that says no.
-- Who may enter and finds no seat joins the line.
-- args: participant_id, connection_id, node_id, incarnation, door (enter | wait | stay_out | after_end), waits_for_host (boolean),
--       max_tabs, max_waiters, replaces (may be absent), device_marks, seen
-- Events: 1 participants_joined   2 participants_joined admitted   3 waiters_added   4 tab_replaced
--         5 came_after_end   6 came_after_end from the line
-- Returns {seq}: the room's seq that the tab's view must have reached;
--   or {refused: node_fenced | banned | too_many_tabs | line_full | stale}.
if not lease_held() then return refuse('node_fenced') end
if not facts_hold() then return refuse('stale') end
local id, connection_id = args.participant_id, args.connection_id
local person, tabs, count = load_person(id), load_tabs(id), 0
-- A ban binds the device, whoever comes on it and with whatever they were given before; a later invitation lifts it.
local invited = person.invitation_id and load_invitation(person.invitation_id)
for _, mark in ipairs(args.device_marks or {}) do
  local banned_at_ms = tonumber(redis.call('HGET', bans_key, mark) or '0')
  if banned_at_ms > 0 and (invited and invited.created_at_ms or 0) <= banned_at_ms then return refuse('banned') end
end
local replaced = args.replaces ~= connection_id and tabs[args.replaces or ''] and args.replaces
for other in pairs(tabs) do if other ~= connection_id and other ~= replaced then count = count + 1 end end
if count >= args.max_tabs then return refuse('too_many_tabs') end
if not is_wanted(load_room(), person) then return refuse('stale') end
local was, was_present, door = person.state, person.present, args.door
if door == 'enter' and (was ~= 'inside' or not was_present) and not finds_seat(load_room(), person) then door = 'wait' end
if door == 'wait' and person.state ~= 'waiting' and redis.call('ZCARD', line_key) >= args.max_waiters then
  return refuse('line_full')
end
if replaced then
  tabs[replaced] = nil
  forget_tab(id, replaced)
end
tabs[connection_id] = args.node_id .. '|' .. args.incarnation
put_tabs(id, tabs)
redis.call('SADD', node_tabs_key, room_id .. '|' .. id .. '|' .. connection_id)
redis.call('SADD', nodes_key, args.node_id)
unschedule('gone', id)
local event = 0
if door == 'enter' and (was ~= 'inside' or not was_present) then
  if was ~= 'inside' then into_room(person) end
  event = was == 'waiting' and 2 or 1
elseif door == 'wait' and (was ~= 'waiting' or not was_present) then
  if was ~= 'waiting' then
    join_line(person, person.hold)
    -- Their own time may have come between the rule's reading and now, and a seat may be free for others before them.
    look_at_line_for(person)
    if args.waits_for_host then call_hosts() end
  end
  event = 3
elseif door == 'after_end' and (was == 'inside' or was == 'waiting') then
  leave_line(person)
  person.state, person.hand_raised_at_ms, person.joined_at_ms = 'known', nil, nil
  event = was == 'inside' and 5 or 6
end
if event > 0 then
  person.present = door ~= 'after_end'
  put_person(person)
end
if event > 0 then append(event) end
if replaced then append(4) end
if event == 0 and not replaced then
  renew_keys(load_room())  -- the room's tabs may be a new key: the last of them went within the grace
end
return cjson.encode({seq = tonumber(redis.call('HGET', room_key, 'seq'))})

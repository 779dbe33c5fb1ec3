-- A tab of a person connects: note it on its node, and bring the person in, into the line, or to the page that says no.
-- args: participant_id, connection_id, node_id, incarnation, door (enter | wait | stay_out), max_tabs, max_waiters,
--       replaces (may be absent), seen   Events: 1 participants_joined   2 participants_joined admitted   3 waiters_added
--       4 tab_replaced
-- Returns {seq}: the room's seq that the tab's view must have reached;
--   or {refused: node_fenced | too_many_tabs | line_full | stale}.
if not lease_held() then return refuse('node_fenced') end
if not facts_hold() then return refuse('stale') end
local id, connection_id = args.participant_id, args.connection_id
local person, tabs, count = load_person(id), load_tabs(id), 0
local replaced = args.replaces ~= connection_id and tabs[args.replaces or ''] and args.replaces
for other in pairs(tabs) do if other ~= connection_id and other ~= replaced then count = count + 1 end end
if count >= args.max_tabs then return refuse('too_many_tabs') end
if args.door == 'wait' and person.state ~= 'waiting' and redis.call('ZCARD', line_key) >= args.max_waiters then
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
local was, was_present = person.state, person.present
local event = 0
if args.door == 'enter' and (was ~= 'inside' or not was_present) then
  if was ~= 'inside' then into_room(person) end
  event = was == 'waiting' and 2 or 1
elseif args.door == 'wait' and (was ~= 'waiting' or not was_present) then
  if was ~= 'waiting' then
    join_line(person, person.hold)
    -- Their own time may have come between the rule's reading and now.
    if may_walk_in(load_room(), person) then schedule('line', nil, now_ms) end
  end
  event = 3
end
if event > 0 then
  person.present = true
  put_person(person)
end
if event > 0 then append(event) end
if replaced then append(4) end
if event == 0 and not replaced then
  renew_keys(load_room())  -- the room's tabs may be a new key: the last of them went within the grace
end
return cjson.encode({seq = tonumber(redis.call('HGET', room_key, 'seq'))})

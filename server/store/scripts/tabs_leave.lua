-- Tabs are gone: of a node that says so, or of a dead one (`swept`: only while its lease is gone).
-- After a person's last tab a grace begins; where `at_once` is set there is none. A tab that another connection has taken
-- over is gone already and changes nothing.
-- args: tabs (list of [participant_id, connection_id]), at_once, swept, participant_grace_ms, waiter_grace_ms
-- Events: 1 people_left   2 role_applied
-- Returns {seq}; or {refused: node_alive}; seq is absent where nothing changed.
if args.swept and redis.call('EXISTS', lease_key) == 1 then return refuse('node_alive') end
local applied = false
local gone = {}
for _, tab in ipairs(args.tabs) do
  local id, connection_id = tab[1], tab[2]
  redis.call('SREM', node_tabs_key, room_id .. '|' .. id .. '|' .. connection_id)
  local tabs = load_tabs(id)
  if tabs[connection_id] then
    tabs[connection_id] = nil
    put_tabs(id, tabs)
    if forget_tab(id, connection_id) then applied = true end
    if next(tabs) == nil then gone[#gone + 1] = id end
  end
end
local seq
if applied then seq = append(2) end
for _, id in ipairs(gone) do
  local person = load_person(id)
  if person and person.present then
    if args.at_once then
      mark_left(person, not args.swept)  -- a node's death was nobody's purpose
    else
      schedule('gone', id, now_ms + (person.state == 'waiting' and args.waiter_grace_ms or args.participant_grace_ms))
    end
  end
end
if #changes > 0 then seq = append(1) end
return cjson.encode({seq = seq})

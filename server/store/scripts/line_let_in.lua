-- Let in the next batch, in the order of the line: all who may walk in by now, or, for `upto`, everybody up to that place;
-- while there are seats, but for hosts, who need none.
-- When nobody is left and the session is opening, it is open.
-- args: batch_size, upto (a place; 0 = up to the last of now), seen   Events: 1 participants_joined   2 room_changed opened
-- Returns {admitted: [ids], full (for `upto`: how many only lack a seat), more, upto, phase, seq}; seq is absent where
--   nothing changed.
local before = settled()
if before then return before end
local room = load_room()
if not room or room.phase == 'ended' or room.phase == 'deleted' then
  unschedule_session()
  return cjson.encode({admitted = {}, more = false, full = 0})
end
local upto = args.upto
if upto == 0 then upto = tonumber(redis.call('HGET', room_key, 'line_n') or '0') end
local admitted, more, full, free = {}, false, 0, free_seats(room)
-- A line of thousands is not gone through for each seat: without one only hosts come in, and they are seldom in the line.
local goes_through_all = upto or room.phase ~= 'open' or redis.call('HEXISTS', room_key, 'host_in_line') == 1
for _, id in ipairs(redis.call('ZRANGE', line_key, 0, -1)) do
  if free < 1 and not goes_through_all then break end
  local person = load_person(id)
  local may = person and (may_walk_in(room, person) or (upto and person.line_no <= upto))
  if may and free < 1 and not is_host(person) then
    full, may = full + 1, false
  end
  if may and #admitted == args.batch_size then
    more = true
    break
  end
  if may then
    free = free - 1
    into_room(person)
    put_person(person)
    admitted[#admitted + 1] = id
  end
end
local seq
if #admitted > 0 then seq = append(1) end
if not more then
  unschedule('line')
  redis.call('HDEL', room_key, 'host_in_line')
  schedule_seat(room)
  if room.locked then call_hosts_for_line() end  -- whose time has come and who may not walk in waits for a host from now on
  if room.phase == 'scheduled' and room.starts_at_ms and now_ms >= room.starts_at_ms - room.early_entry_s * 1000 then
    unschedule('early')
  end
  if room.phase == 'opening' then
    room.phase = 'open'
    put_room(room)
    seq = append(2)
  end
end
return answer({admitted = admitted, full = full, more = more, upto = upto, phase = room.phase, seq = seq})

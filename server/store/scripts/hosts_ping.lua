-- Call the hosts who are away, because somebody waits for them; or find that nobody does any more. Where the queue of mails
-- is full nobody is written to.
-- args: wanted (boolean; decided on what was so at `looked_at_ms`), looked_at_ms, mails (list of {mail_id, kind,
--       participant_id, counter})
-- Events: 1 hosts_wanted
-- Returns {seq}; seq is absent where nobody is to be called; or {refused: not_yet | stale | room_unknown}.
local due_at_ms = scheduled_at_ms('ping')
if not due_at_ms then return cjson.encode({changed = false}) end  -- another node was first
if due_at_ms > now_ms then return refuse('not_yet') end
local room = load_room()
if not room then
  unschedule('ping')
  return refuse('room_unknown')
end
-- Whoever has come to wait meanwhile has put the instant forward; what else happened in the room is no reason to look again.
if not args.wanted and due_at_ms >= args.looked_at_ms then return refuse('stale') end
unschedule('ping')
if not args.wanted or redis.call('SCARD', hosts_key) > 0 then return cjson.encode({changed = false}) end
room.hosts_pinged_at_ms = now_ms
put_room(room)
if not mail_refused(nil, #args.mails) then
  for _, mail in ipairs(args.mails) do
    mail.good_until_ms = now_ms + args.ping_hosts_ms
    queue_mail(mail)
  end
end
return cjson.encode({seq = append(1)})

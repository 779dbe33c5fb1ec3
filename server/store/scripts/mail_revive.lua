-- Queue a dead mail again, under a new id, at somebody's click. One that an invitation shows is dead no more once a newer mail
-- has taken its place.
-- args: dead (its id among the dead), mail_id (the new one)   Events: 1 invitation_changed mail
-- Returns {mail_id}; or {refused: mail_unknown | room_unknown | room_deleted | session_ended | invitation_closed |
--   mail_queue_full | mail_too_soon}.
local before = settled()
if before then return before end
local entry = redis.call('XRANGE', mail_dead_key, args.dead, args.dead)[1]
local text
for index = 1, entry and #entry[2] or 0, 2 do
  if entry[2][index] == 'mail' then text = entry[2][index + 1] end
end
local mail = decode(text)
if not mail or mail.room_id ~= room_id then return refuse('mail_unknown') end
local room = load_room()
if not room then return refuse('room_unknown') end
if room.phase == 'deleted' then return refuse('room_deleted') end
if room.phase == 'ended' then return refuse('session_ended') end
local is_shown = mail.kind == 'invitation' or mail.kind == 'reminder'
local invitation = mail.invitation_id and load_invitation(mail.invitation_id) or nil
if mail.invitation_id and (not invitation or invitation.status == 'revoked' or invitation.status == 'replaced') then
  return refuse('invitation_closed')
end
local refused = mail_refused(is_shown and invitation or nil)
if refused then return refuse(refused) end
redis.call('XDEL', mail_dead_key, args.dead)
if is_shown then
  queue_invitation_mail(args.mail_id, mail.kind, invitation)
  put_invitation(invitation)
  append(1)
else
  queue_mail({mail_id = args.mail_id, kind = mail.kind, invitation_id = mail.invitation_id,
    participant_id = mail.participant_id, counter = mail.counter, good_until_ms = mail.good_until_ms})
end
return answer({mail_id = args.mail_id})

-- Take one entry of the queue: what is needed to write the mail, or what became of it. A mail that somebody began to send
-- long ago, and whose outcome nobody has stored, is unsure from now on. Several may take the same; one will send it.
-- args: mail_id, entry_id, unsure_after_ms   Events: 1 invitation_changed mail
-- Returns {step}: done (nothing to do), wait (somebody is sending it); or {ready, now_ms, mail, room, invitation or '',
--   person or ''} as JSON texts.
local most_takes = 10  -- without any outcome of a try
local mail = load_mail(args.mail_id)
if mail and mail.status == 'sending' then
  if now_ms - mail.sending_at_ms < args.unsure_after_ms then return {'wait'} end
  end_mail(mail, 'unsure', 'It was being sent when the connection or the server broke off.', 1)
  mail = nil
end
-- Whoever takes it up may die of it, and so may the next.
if mail and (mail.takes or 0) >= most_takes then
  end_mail(mail, 'failed', 'It was taken up again and again, and nothing came of it.', 1)
  mail = nil
end
local pointless = mail and mail_pointless(mail)
if pointless then
  end_mail(mail, 'dropped', pointless, 1)
  mail = nil
end
if not mail then
  redis.call('XACK', mail_key, mail_group, args.entry_id)
  redis.call('XDEL', mail_key, args.entry_id)
  return {'done'}
end
mail.takes = (mail.takes or 0) + 1
put_mail(mail)
return {'ready', whole(now_ms), encode_record(mail), redis.call('HGET', room_key, 'doc'),
  mail.invitation_id and redis.call('HGET', invitations_key, mail.invitation_id) or '',
  mail.participant_id and redis.call('HGET', people_key, mail.participant_id) or ''}

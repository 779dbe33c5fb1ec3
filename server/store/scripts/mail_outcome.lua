-- Store what became of a try. Only its sender's word counts once it was being sent, and before that only the word on the
-- present try.
-- args: mail_id, entry_id, sender, tries (as taken), invitation_id, status (sent | failed | unsure | queued), error (may be absent),
--       retry_in_ms (where it is to be tried again)   Events: 1 invitation_changed mail
-- Returns {stored = true or false}.
local mail = load_mail(args.mail_id)
-- While another is sending it the entry stays: should that one die, somebody has to find it.
if not mail or mail.status ~= 'sending' or mail.sender == args.sender then
  redis.call('XACK', mail_key, mail_group, args.entry_id)
  redis.call('XDEL', mail_key, args.entry_id)
end
local is_theirs = mail and (mail.status == 'sending' and mail.sender == args.sender
  or mail.status == 'queued' and mail.tries == args.tries)
if not is_theirs then
  if not mail and args.status == 'sent' then sent_after_all(args.mail_id, args.invitation_id, args.tries + 1, 1) end
  return cjson.encode({stored = false})
end
mail.tries = mail.tries + 1
if not args.retry_in_ms then
  end_mail(mail, args.status, args.error, 1)
else
  mail.status, mail.sending_at_ms, mail.sender, mail.takes = 'queued', nil, nil, nil
  put_mail(mail)
  schedule('mail', mail.mail_id, now_ms + args.retry_in_ms)
  show_mail(mail, 'queued', args.error, 1)
end
return cjson.encode({stored = true})

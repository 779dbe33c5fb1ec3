-- Queue a mail for a reason that needs no other change. Of an invitation or reminder the invitation shows how far it is.
-- args: mail {mail_id, kind, invitation_id or participant_id, counter, good_until_ms}, seen
-- Events: 1 invitation_changed mail (only where the invitation shows it)
-- Returns {mail_id, seq (where the invitation shows it)}; or {refused: stale | mail_queue_full | mail_too_soon}.
local before = settled()
if before then return before end
local mail = args.mail
local is_shown = mail.kind == 'invitation' or mail.kind == 'reminder'
local invitation = is_shown and load_invitation(mail.invitation_id) or nil
local refused = mail_refused(invitation)
if refused then return refuse(refused) end
if not is_shown then
  queue_mail(mail)
  return answer({mail_id = mail.mail_id})
end
queue_invitation_mail(mail.mail_id, mail.kind, invitation)
put_invitation(invitation)
return answer({mail_id = mail.mail_id, seq = append(1)})

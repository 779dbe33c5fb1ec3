-- Note that the message is about to be sent, unless somebody else is sending it, or it is not to be sent any more. Whoever
-- is told to go on is the only one.
-- args: mail_id, sender (names this very try; asked again by the same, the answer is the same), tries (as taken)
-- Returns {go_on = true or false}.
local mail = load_mail(args.mail_id)
if not mail or mail_pointless(mail) then return cjson.encode({go_on = false}) end
if mail.status == 'sending' then return cjson.encode({go_on = mail.sender == args.sender}) end
if mail.tries ~= args.tries then return cjson.encode({go_on = false}) end
mail.status, mail.sending_at_ms, mail.sender = 'sending', now_ms, args.sender
put_mail(mail)
return cjson.encode({go_on = true})

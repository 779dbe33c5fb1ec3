-- The pause before a mail's next try is over: into the queue with it. The first to ask does it.
-- args: mail_id
-- Returns {offered = true or false}; or {refused: not_yet}.
local member = 'mail|' .. room_id .. '|' .. args.mail_id
local due_ms = redis.call('ZSCORE', due_key, member)
if due_ms and tonumber(due_ms) > now_ms then return refuse('not_yet') end
unschedule('mail', args.mail_id)
local is_wanted = due_ms and load_mail(args.mail_id) ~= nil
if is_wanted then offer_mail(args.mail_id) end
return cjson.encode({offered = is_wanted and true or false})

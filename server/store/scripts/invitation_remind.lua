-- Queue a reminder to each of those invited who have not come yet, and who were not reminded a moment ago.
-- args: reminders (list of [invitation_id, mail_id]), remind_every_ms, planned_end_ms of the session, seen
-- Events: 1 invitation_changed reminded
-- Returns {reminded: [invitation ids], skipped: [[invitation id, code, wait_ms (0 where waiting does not help)]], seq}; seq is
--   absent where nobody was; or {refused: stale}.
local before = settled()
if before then return before end
local reminded, skipped = {}, {}

-- Here already, by the site's sign-in or by another link of the same address, or put out before they came.
local function needs_none(invitation)
  if invitation.came_at_ms or invitation.person_state == 'removed' or invitation.person_state == 'banned' then return true end
  local id = redis.call('HGET', identities_key, 'email:' .. invitation.email)
  local person = id and load_person(id)
  return person and person.state == 'inside' and person.present
end

for _, reminder in ipairs(args.reminders) do
  local id, code, wait_ms = reminder[1], nil, 0
  local invitation = load_invitation(id)
  if not invitation then
    code = 'invitation_unknown'
  elseif invitation.status == 'revoked' or invitation.status == 'replaced' then
    code = 'invitation_closed'
  elseif needs_none(invitation) then
    code = 'already_decided'
  elseif not next(invitation.devices or {}) and now_ms >= math.max(invitation.expires_at_ms, args.planned_end_ms) then
    code = 'invite_expired'
  elseif now_ms - (invitation.reminded_at_ms or 0) < args.remind_every_ms then
    code, wait_ms = 'mail_too_soon', invitation.reminded_at_ms + args.remind_every_ms - now_ms
  elseif mailed_just_now(invitation) then
    code, wait_ms = 'mail_too_soon', invitation.mail.at_ms + mail_every_ms - now_ms
  else
    code = mail_refused(invitation)
  end
  if code then
    skipped[#skipped + 1] = {id, code, wait_ms}
  else
    invitation.reminded_at_ms = now_ms
    queue_invitation_mail(reminder[2], 'reminder', invitation)
    put_invitation(invitation)
    reminded[#reminded + 1] = id
  end
end
return answer({reminded = reminded, skipped = skipped, seq = #reminded > 0 and append(1) or nil})

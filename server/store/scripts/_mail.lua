-- Shared by every room script, after the prelude: mails are queued by the script that makes the change which causes them.
-- The queue holds ids only; see server/store/mail.py for how it is worked off, and for how to queue a mail.
-- args: max_mails (always there)
local mail_group, mail_dead_length = 'mailers', 1000
-- Between two mails to one invitee; domain/mail.py has the same.
local mail_every_ms = 60000

local function load_mail(id) return decode(redis.call('HGET', mails_key, id)) end
local function put_mail(mail) redis.call('HSET', mails_key, mail.mail_id, encode_record(mail)) end

local function forget_mail(id)
  redis.call('HDEL', mails_key, id)
  unschedule('mail', id)
end

local function offer_mail(id) redis.call('XADD', mail_key, '*', 'mail_id', id, 'room_id', room_id) end

-- Before anything is written: the code of why no mail may be queued now (for this invitation, where one is given), or nil.
-- count: how many are to be queued, 1 where it is not given.
local function mail_refused(invitation, count)
  if redis.call('HLEN', mails_key) + (count or 1) > args.max_mails then return 'mail_queue_full' end
  local shown = invitation and invitation.mail
  if not shown then return end
  local last = load_mail(shown.mail_id)
  if last and last.status == 'sending' then return 'mail_too_soon' end
end

-- Mirrors domain/mail.check_mail_due, which a test compares.
local function mailed_just_now(invitation)
  local shown = invitation.mail
  return shown and shown.status ~= 'failed' and shown.status ~= 'dropped' and now_ms - shown.at_ms < mail_every_ms
end

-- From among the dead, where somebody may have been looking at it. There are a thousand or so.
local function forget_dead(mail_id)
  for _, entry in ipairs(redis.call('XREVRANGE', mail_dead_key, '+', '-')) do
    for index = 1, #entry[2], 2 do
      if entry[2][index] == 'mail' and decode(entry[2][index + 1]).mail_id == mail_id then
        redis.call('XDEL', mail_dead_key, entry[1])
        return
      end
    end
  end
end

-- Queue one mail. mail: {mail_id (made in Python, see new_mail_id), kind, invitation_id or participant_id, counter and
-- good_until_ms where the kind has them}.
local function queue_mail(mail)
  mail.room_id, mail.status, mail.tries, mail.queued_at_ms = room_id, 'queued', 0, now_ms
  put_mail(mail)
  offer_mail(mail.mail_id)
end

-- Queue a mail that the invitation shows (kind: invitation or reminder), in the place of one that is still queued, or was
-- given up. The caller puts the invitation afterwards, and appends.
local function queue_invitation_mail(mail_id, kind, invitation)
  local older = invitation.mail
  if older then forget_mail(older.mail_id) end
  if older and older.dead_entry then redis.call('XDEL', mail_dead_key, older.dead_entry) end
  invitation.mail = {mail_id = mail_id, kind = kind, status = 'queued', at_ms = now_ms, tries = 0}
  queue_mail({mail_id = mail_id, kind = kind, invitation_id = invitation.invitation_id})
end

-- What the invitation shows of a mail of its own, unless a newer one has taken its place. Event: event_index.
local function show_mail(mail, status, failure, event_index, dead_entry)
  local invitation = mail.invitation_id and load_room() and load_invitation(mail.invitation_id)
  local shown = invitation and invitation.mail
  if not shown or shown.mail_id ~= mail.mail_id then return end
  if shown.status == status and shown.tries == mail.tries and shown.error == failure then return end
  shown.status, shown.at_ms, shown.tries, shown.error, shown.dead_entry = status, now_ms, mail.tries, failure, dead_entry
  put_invitation(invitation)
  append(event_index)
end

-- Why a queued mail is not to be sent any more, or nil.
local function mail_pointless(mail)
  local room = load_room()
  if mail.kind == 'hosts_wanted' and redis.call('SCARD', hosts_key) > 0 then return 'A host is there by now.' end
  if not room or room.phase == 'deleted' or room.phase == 'ended' then return 'The session is over.' end
  if mail.good_until_ms and now_ms >= mail.good_until_ms then return 'It came too late.' end
  if mail.participant_id then
    local person = load_person(mail.participant_id)
    local is_gone = not person or person.state == 'removed' or person.state == 'banned'
    return is_gone and 'They are not in this room any more.' or nil
  end
  local invitation = load_invitation(mail.invitation_id)
  if not invitation or invitation.status == 'revoked' or invitation.status == 'replaced' then
    return 'The invitation was withdrawn.'
  end
  if (mail.kind == 'invitation' or mail.kind == 'reminder')
    and (not invitation.mail or invitation.mail.mail_id ~= mail.mail_id) then
    return 'A newer mail took its place.'
  end
end

-- A mail is dealt with: forgotten in the queue, kept among the dead where somebody may want to look at it.
local function end_mail(mail, status, failure, event_index)
  forget_mail(mail.mail_id)
  local dead_entry
  if status == 'failed' or status == 'unsure' then
    mail.status = status
    dead_entry = redis.call('XADD', mail_dead_key, 'MAXLEN', '~', mail_dead_length, '*',
      'mail', encode_record(mail), 'error', failure or '', 'at_ms', whole(now_ms))
  end
  show_mail(mail, status, failure, event_index, dead_entry)
end

-- A sender who was slow, and not dead, knows better than whoever called its mail unsure.
local function sent_after_all(mail_id, invitation_id, tries, event_index)
  forget_dead(mail_id)
  show_mail({mail_id = mail_id, invitation_id = invitation_id, tries = tries}, 'sent', nil, event_index)
end

-- Note that tabs have applied roles. An acknowledgement covers the earlier revisions; where no tab was there when the role
-- was given, the first to return counts.
-- args: acks (list of [participant_id, connection_id, role_rev])   Events: 1 role_applied
-- Returns {seq}; seq is absent where nothing changed.
local changed = false
for _, ack in ipairs(args.acks) do
  local application = load_application(ack[1])
  if application and ack[3] >= application.role_rev then
    local tabs = application.tabs or {}
    local nobody = next(tabs) == nil
    if nobody or tabs[ack[2]] == false then
      tabs[ack[2]] = true
      application.tabs = tabs
      put_application(application)
      changed = true
    end
  end
end
return cjson.encode({seq = changed and append(1) or nil})

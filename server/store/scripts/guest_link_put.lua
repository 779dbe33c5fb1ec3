-- Store a new guest link, or put a changed one in the place of the one that it was made from: edited, or switched off.
-- args: guest_link (record), max_active, max_kept, seen   Events: 1 guest_link_changed
-- Returns {guest_link_id, expires_at_ms (may be absent), seq}; or {refused: guest_link_limit | stale}.
local before = settled()
if before then return before end
local link = args.guest_link
local old = load_guest_link(link.guest_link_id)
if old then
  if old.edits ~= link.edits then return refuse('stale') end
  -- Clicks come without asking, and an edit takes none back.
  link.rev, link.clicks, link.edits = old.rev, old.clicks, old.edits + 1
else
  local active, kept = 0, redis.call('HVALS', guest_links_key)
  for _, text in ipairs(kept) do
    if decode(text).status == 'active' then active = active + 1 end
  end
  if active >= args.max_active or #kept >= args.max_kept then return refuse('guest_link_limit') end
  link.created_at_ms = now_ms
  redis.call('HSET', links_key, link.secret_hash, link.guest_link_id)
end
put_guest_link(link)
return answer({guest_link_id = link.guest_link_id, expires_at_ms = link.expires_at_ms, seq = append(1)})

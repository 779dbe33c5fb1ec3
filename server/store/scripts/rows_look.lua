-- Read what is there already of uploaded rows. Changes nothing.
-- args: rows (email, key)
-- Returns {addresses with an invitation, invitations, then for each row {what its key made: 'invitation id|digest' or '', that
--   invitation or '', the present invitation of its address or ''}}.
local found = {redis.call('HLEN', addresses_key), redis.call('HLEN', invitations_key)}
for _, row in ipairs(args.rows) do
  local kept = redis.call('HGET', row_keys_key, row.key) or ''
  local made = kept ~= '' and redis.call('HGET', invitations_key, string.match(kept, '^[^|]*'))
  local present = redis.call('HGET', addresses_key, row.email)
  found[#found + 1] = {kept, made or '', present and redis.call('HGET', invitations_key, present) or ''}
end
return found

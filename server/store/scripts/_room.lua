-- Shared by every room script: names the keys and reads records.
-- KEYS: room, people, identities, tabs, line, invitations, links, addresses, applications, bans, room log, seats, hosts, row
--       keys, guest links, audit (so far the room's, renewed together), shard log, shard log_n, due, rooms, nodes, result,
--       lease of the asking node, tabs of that node, epoch, site, mail, mail_dead, mails
-- ARGV[1] skew_ms   ARGV[2] the arguments as JSON   ARGV[3] … events, opaque bytes, in the order that the script names
local room_key, people_key, identities_key, tabs_key, line_key, invitations_key, links_key, addresses_key,
  applications_key, bans_key, room_log, seats_key, hosts_key, row_keys_key, guest_links_key, audit_key,
  shard_log, shard_n, due_key, rooms_key, nodes_key, result_key, lease_key, node_tabs_key, epoch_key, site_key, mail_key,
  mail_dead_key, mails_key = unpack(KEYS)
local room_keys_count = 16
local args = cjson.decode(ARGV[2])
local clock = redis.call('TIME')
local now_ms = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + tonumber(ARGV[1])
local room_id = args.room_id

local function decode(text) if text then return cjson.decode(text) end end

-- Instants have 13 digits and would be written as floats by tostring().
local function whole(number) return string.format('%.0f', number) end

-- One table for the whole script: what is changed in it is changed for all that comes after.
local the_room
local function load_room()
  the_room = the_room or decode(redis.call('HGET', room_key, 'doc'))
  return the_room
end

local function load_person(id) return decode(redis.call('HGET', people_key, id)) end
local function load_invitation(id) return decode(redis.call('HGET', invitations_key, id)) end
local function load_application(id) return decode(redis.call('HGET', applications_key, id)) end
local function load_guest_link(id) return decode(redis.call('HGET', guest_links_key, id)) end
local function load_tabs(id) return decode(redis.call('HGET', tabs_key, id)) or {} end

-- The site's document; nil while none was written.
local function load_site() return decode(redis.call('GET', site_key)) end

local function refuse(code) return cjson.encode({refused = code}) end

local function answered()
  local kept = args.request_id and redis.call('GET', result_key)
  if not kept then return nil end
  local split = string.find(kept, '|', 1, true)
  local asked = string.sub(kept, 1, split - 1)
  if args.fingerprint and asked ~= '' and asked ~= args.fingerprint then return refuse('idempotency_mismatch') end
  return string.sub(kept, split + 1)
end


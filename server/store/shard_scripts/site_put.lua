-- Put the site's document on a shard, unless it holds one of this revision or a newer. Of two changes of one revision the first
-- counts.
-- KEYS: site   ARGV: document as JSON, its rev
-- Returns 1 when the shard holds the document, else 0.
local site_key = KEYS[1]
local text, rev = unpack(ARGV)
local held = redis.call('GET', site_key)
if held == text then return 1 end  -- asked again, since an answer was lost
if held and cjson.decode(held).rev >= tonumber(rev) then return 0 end
redis.call('SET', site_key, text)
return 1

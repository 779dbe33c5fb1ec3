-- Keep the answer to a request that changed nothing, so that its repetition changes nothing either.
-- args: outcome (may be absent), seen
-- Returns the outcome, or what was answered before; or {refused: stale | idempotency_mismatch}.
local before = settled()
if before then return before end
return answer(args.outcome or {})

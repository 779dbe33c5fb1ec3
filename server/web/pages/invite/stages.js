/** How far an invitation has come, and which part of the list that is. Pure: the clock is an argument. */

const UNCLAIMED = new Set(["created", "mail_queued", "mail_sending", "mailed", "mail_failed", "mail_unsure", "opened", "moved"]);
const HERE = new Set(["in_lobby", "inside"]);
const ENDED = new Set(["expired", "revoked", "replaced", "declined", "removed", "banned"]);
const WITHDRAWN = new Set(["revoked", "replaced"]);
const TONES = { inside: "live", in_lobby: "live", mail_failed: "danger", banned: "danger", mail_unsure: "warn", declined: "warn", removed: "warn" };
const AT = {
  created: "created_at_ms", opened: "opened_at_ms", in_lobby: "came_at_ms", inside: "came_at_ms", away: "claimed_at_ms", moved: "moved_at_ms",
};

/**
 * `key`: its stage, `expired` by this clock as well; `at_ms`: since when, as far as that is known; `until_ms`: until when the link can
 * be used for the first time, null where that is no question any more.
 */
export function stageOf(invitation, { now_ms, links_good_until_ms }) {
  const { stage } = invitation;
  const until_ms = UNCLAIMED.has(stage) ? Math.max(invitation.expires_at_ms, links_good_until_ms) : null;
  if (until_ms !== null && until_ms <= now_ms) return { key: "expired", at_ms: until_ms, until_ms: null, tone: "" };
  const at_ms = stage.startsWith("mail") ? invitation.mail?.at_ms ?? null : invitation[AT[stage]] ?? null;
  return { key: stage, at_ms, until_ms, tone: TONES[stage] ?? "" };
}

/** `awaited`: expected, and has not been here yet; `here`: in the lobby or inside; `ended`; `away`: was here, and is not now. */
export function partOf({ key }, { came_at_ms }) {
  if (ENDED.has(key)) return "ended";
  if (HERE.has(key)) return "here";
  return came_at_ms === null ? "awaited" : "away";
}

export function isWithdrawn({ status }) {
  return WITHDRAWN.has(status);
}

const folded = new WeakMap();

/** Whether every word of `text` begins a word of the name or the address. Rows are frozen, so each is folded once. */
export function isFound(invitation, words) {
  if (words.length === 0) return true;
  if (!folded.has(invitation)) {
    const { first_name, last_name, email } = invitation;
    folded.set(invitation, ` ${fold(`${first_name} ${last_name} ${email}`).replace(/[@.\-_+]/g, " ")} ${fold(email)}`);
  }
  const text = folded.get(invitation);
  return words.every((word) => text.includes(` ${word}`));
}

/** The words of what was typed. */
export function wordsIn(text) {
  return fold(text).split(/\s+/).filter(Boolean);
}

function fold(text) {
  return text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();
}

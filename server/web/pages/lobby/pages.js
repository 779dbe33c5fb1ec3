/**
 * What the card says and offers in each state: one heading, one sentence of what happens next and who acts, one primary
 * button at most. The sentences are in `words/<language>/lobby.js`, by state; here is which of them, and when.
 *
 * A page: `state` · `heading` · `sentence` · `room` {title, description, starts_at_ms} · `target_ms` (counted down to), `isOver`: it is reached ·
 * `quote` {from, text} · `note` · `place` (in line: exact, or null) · `position` (in words) · `form` {label, asksName, asksCode, hint} ·
 * `primary`, `secondary` {label, action} · `code` · `tab` (what the tab's title says of it).
 */

import { refusalWords } from "../common/refusal.js";
import { wordsOf } from "../common/words.js";
import { lobbyOf, stateOf } from "./states.js";

const say = await wordsOf("lobby");

/** The page of what is known (see `states.js`), and beside that: `title` of the room, `left`: how the server says that
 * somebody came out of it, `retry_at_ms`, `keepsNothing`: neither key nor cookie will be there again, `now_ms`. */
export function pageOf(known) {
  const state = stateOf(known);
  const lobby = lobbyOf(known);
  const refusal = known.ended ?? (state === "reconnecting" ? known.delay : null) ?? null;
  const page = PAGES[state]?.({ ...known, lobby: lobby ?? NO_LOBBY, refusal }) ?? {};
  const isLobby = lobby !== null && !known.ended && !known.hasLeft && !NO_LOBBY_SAYS.has(state);
  return {
    state,
    ...sentencesOf(state, page.variants ?? [], refusal),
    room: roomOf(known, lobby, state, isLobby),
    quote: isLobby && lobby.host_message ? { from: say("quote.host"), text: lobby.host_message } : null,
    code: codeOf(state, refusal),
    note: known.keepsNothing && page.form && !page.form.hint ? say("keeps_nothing") : null,
    ...page,
  };
}

// The most particular sentence that there is: of this variant in this state, of the state, of the refusal itself.
function sentencesOf(state, variants, refusal) {
  const find = (what) => [...variants.map((variant) => `${state}.${variant}`), state].find((key) => say.has(`${key}.${what}`));
  const own = refusal && refusalWords(refusal);
  const heading = find("heading");
  const next = find("next");
  return {
    heading: heading ? say(`${heading}.heading`) : (own?.message ?? "").replace(/[.。]$/u, ""),
    sentence: next ? say(`${next}.next`) : own?.nextStep ?? "",
  };
}

const NO_LOBBY_SAYS = new Set(["opening", "reconnecting", "wrong_account", "guest_entry"]);
const HIDES_ROOM = new Set(["opening", "invalid"]);
const HIDES_START = new Set(["waiting_for_host", "session_ended", "removed", "banned", "withdrawn", "expired", "left"]);

function roomOf({ look, title = null }, lobby, state, isLobby) {
  const room = lobby?.room ?? look?.room ?? null;
  if (HIDES_ROOM.has(state) || (room === null && title === null)) return null;
  const isAhead = room?.phase === "scheduled" && !HIDES_START.has(state);
  return {
    title: room?.title ?? title,
    description: isLobby ? room.description : null,
    starts_at_ms: isAhead ? room.starts_at_ms : null,
  };
}

const QUIET_CODES = new Set(["unreachable", "replaced"]);

function codeOf(state, refusal) {
  if (state === "wrong_account") return "email_mismatch";
  return refusal && !QUIET_CODES.has(refusal.code) ? refusal.code : null;
}

const NO_LOBBY = { room: { phase: "open", starts_at_ms: null }, position: null, more_than: null };
const button = (key, action) => ({ label: say(`${key}.button`), action });
const CANCEL = { label: say("cancel"), action: "withdraw" };

const PAGES = {
  invalid: ({ ended }) => ({
    variants: [ended?.code ?? "incomplete"],
    code: ended?.code ?? "invite_unknown",
  }),
  withdrawn: ({ ended, isGuest }) => ({ variants: [isGuest ? "guest" : null, ended?.code] }),
  try_later: ({ retry_at_ms = null }) => ({ target_ms: retry_at_ms }),
  wrong_account: () => ({ primary: button("wrong_account", "enter_address") }),
  email_entry: ({ lobby }) => ({
    variants: [lobby.room.phase === "scheduled" ? "early" : null],
    form: proof(lobby, say("email_entry.button")),
  }),
  guest_entry: ({ look }) => ({
    variants: [look.room.phase === "scheduled" ? "early" : null],
    form: { label: say("email_entry.button"), asksName: true, asksCode: false, hint: null },
  }),
  countdown: countdownPage,
  waiting_for_host: ({ lobby }) => ({
    variants: [lobby.needs_email ? "unproven" : null],
    form: lobby.needs_email ? proof(lobby, say("countdown.button")) : null,
  }),
  waiting_in_line: ({ lobby, left }) => ({
    variants: [lobby.can_be_admitted ? null : "nobody", left === "sent_back" ? "sent_back" : null],
    ...placeOf(lobby),
    tab: lobby.position === null ? undefined : say("tab.place", { place: lobby.position }),
    secondary: CANCEL,
  }),
  room_full: ({ lobby, ended }) => ended ? { primary: button("refused", "restart") } : { ...placeOf(lobby), secondary: CANCEL },
  declined: ({ lobby, ended }) => afterNo("declined", lobby, ended, lobby.decline_message),
  removed: ({ lobby, ended }) => afterNo("removed", lobby, ended, null),
  session_ended: ({ lobby }) => ({
    variants: [lobby.can_reopen ? "reopen" : null],
    quote: null,
    primary: lobby.can_reopen ? button("session_ended", "reopen") : null,
  }),
  banned: ({ isGuest }) => ({ variants: [isGuest ? "guest" : null] }),
  used_on_another_device: ({ lobby }) => askPage("used_on_another_device", lobby),
  moved: ({ lobby }) => askPage("moved", lobby),
  device_refused: ({ lobby }) => askPage("device_refused", lobby),
  left_line: ({ lobby, hasLeft }) => ({ primary: button("left_line", !hasLeft && lobby.can_knock ? "knock" : "restart") }),
  left: () => ({ primary: button("left", "restart") }),
  replaced: () => ({ primary: button("replaced", "restart") }),
  signed_out: ({ ended }) => ({
    variants: [ended.code],
    primary: button(ended.code === "proof_invalid" ? "signed_out.proof_invalid" : "signed_out", "restart"),
  }),
  refused: () => ({ primary: button("refused", "restart") }),
  reconnecting: ({ delay }) => ({
    variants: [!delay || delay.code === "unreachable" ? "unreachable" : null],
  }),
};

function countdownPage({ lobby, now_ms = 0 }) {
  const { enter_at_ms, needs_email, room: { starts_at_ms } } = lobby;
  const isTime = enter_at_ms !== null && enter_at_ms <= now_ms;
  const mayEnter = needs_email && isTime && starts_at_ms > now_ms;
  const isEarly = enter_at_ms !== null && enter_at_ms !== starts_at_ms && !mayEnter;
  const target_ms = isEarly ? enter_at_ms : starts_at_ms;
  const isOver = !needs_email && target_ms !== null && target_ms <= now_ms;
  return {
    variants: [isOver ? "over" : null, mayEnter ? "may_enter" : null, isEarly ? "early" : null, needs_email ? "unproven" : null],
    target_ms: isOver ? null : target_ms,
    isOver,
    form: needs_email ? proof(lobby, say("countdown.button")) : null,
  };
}

function proof(lobby, label) {
  return { label, asksName: false, asksCode: Boolean(lobby.needs_code), hint: null };
}

function askPage(state, lobby) {
  return { form: { ...proof(lobby, say(`${state}.button`)), hint: "device" } };
}

// As the page of a lobby it knows whether somebody may knock; as the end of a connection the server says so at the next try.
function afterNo(state, lobby, ended, message) {
  const mayAsk = ended ? true : lobby.can_knock;
  return {
    variants: [mayAsk ? null : "final"],
    quote: message ? { from: say("quote.decline"), text: message } : null,
    primary: mayAsk ? button(state, ended ? "restart" : "knock") : null,
  };
}

function placeOf({ position, more_than }) {
  if (position === 1) return { place: 1, position: say("place.next") };
  if (position !== null) return { place: position, position: say("place.number", { place: position }) };
  return { place: null, position: more_than === null ? null : say("place.more", { more: more_than }) };
}

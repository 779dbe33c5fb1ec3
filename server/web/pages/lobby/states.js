/**
 * From what a page knows to the one state of somebody's way in. Pure: no clock, no words, no page.
 *
 * What may be known, all of it optional:
 * `hasLink` false: the address has no secret · `isGuest`: it is a guest link's · `isOpening`: nothing is known yet, and
 * `delay`, a refusal: why that takes long · `look`: the answer to a look at the link · `isWrongAccount`: the site's sign-in
 * is for another address · `lobby`: what the server says to a tab outside · `place` "inside": it let the tab in ·
 * `isAway`: the connection has been lost for longer than a moment, and `delay` why · `hasMoved`: this device had the claim ·
 * `hasLeft` "line" or "room": on purpose · `ended`: the refusal that ends the way in.
 */

/** What ends the way in, by the code of its refusal; any other code is `refused`. */
export const ENDS = {
  invite_unknown: "invalid",
  room_unknown: "invalid",
  path_unknown: "invalid",
  invite_expired: "expired",
  invite_used: "used_on_another_device",
  invite_moved: "moved",
  invite_revoked: "withdrawn",
  invite_replaced: "withdrawn",
  room_deleted: "withdrawn",
  domain_blocked: "domain_blocked",
  email_mismatch: "wrong_account",
  too_many_attempts: "try_later",
  guest_access_off: "guest_access_off",
  guest_link_full: "guest_link_full",
  guests_full: "guest_link_full",
  room_full: "room_full",
  declined: "declined",
  banned: "banned",
  session_ended: "session_ended",
  not_invited: "not_invited",
  replaced: "replaced",
  not_signed_in: "not_signed_in",
  token_invalid: "signed_out",
  token_expired: "signed_out",
  proof_invalid: "signed_out",
};

/** What the server calls the page of a tab outside, where we call it otherwise. */
const NAMES = { entering: "admitted" };
const LOBBY = new Set([
  "email_entry", "countdown", "waiting_for_host", "waiting_in_line", "room_full", "admitted", "declined", "removed", "left_line",
  "device_allowed", "session_ended",
]);

/** Asked in this order; the first that knows the state names it. */
const RULES = [
  ({ hasLeft }) => ({ line: "left_line", room: "left" })[hasLeft],
  ({ ended }) => ended && (ENDS[ended.code] ?? "refused"),
  ({ hasLink }) => hasLink === false && "invalid",
  ({ isOpening, delay }) => isOpening && (delay ? "reconnecting" : "opening"),
  ({ isWrongAccount }) => isWrongAccount && "wrong_account",
  ({ isGuest, look }) => isGuest && look?.state === "guest_entry" && "guest_entry",
  ({ place }) => place === "inside" && "inside",
  (known) => stateOfLobby(known),
  ({ isAway }) => isAway && "reconnecting",
];

export function stateOf(known) {
  for (const rule of RULES) {
    const state = rule(known);
    if (state) return state;
  }
  return "opening";
}

// A countdown goes on without a connection; everything else outside the room needs one to be true.
function stateOfLobby(known) {
  const lobby = lobbyOf(known);
  if (!lobby || (known.isAway && lobby.state !== "countdown")) return null;
  if (lobby.state === "used_on_another_device") return stateOfDevice(lobby.device_request, known.hasMoved || known.look?.state === "moved");
  const state = NAMES[lobby.state] ?? lobby.state;
  return LOBBY.has(state) ? state : "opening";
}

function stateOfDevice(request, hasMoved) {
  if (request === "pending") return "device_pending";
  if (request === "refused") return "device_refused";
  return hasMoved ? "moved" : "used_on_another_device";
}

/** What the server says to this tab, or what the look at the link says until it does; null where neither has. */
export function lobbyOf({ lobby, look }) {
  if (lobby) return lobby;
  return look && look.state in LOOKS ? lobbyOfLook(look) : null;
}

const LOOKS = { email_entry: true, used_on_another_device: true, moved: true };

function lobbyOfLook({ state, room, email_proof }) {
  const isHeld = state !== "email_entry";
  const isEarly = room.phase === "scheduled" && room.starts_at_ms !== null;
  return {
    state: isHeld ? "used_on_another_device" : isEarly ? "countdown" : "email_entry",
    needs_email: true,
    needs_code: email_proof === "code",
    room,
    enter_at_ms: room.starts_at_ms,
    position: null,
    more_than: null,
    host_message: null,
    decline_message: null,
    can_be_admitted: false,
    can_knock: false,
    can_reopen: false,
    device_request: null,
  };
}

/** Whether the end of the session is not the end for this person: a host comes back to the page that offers to go on. */
export function mayGoOnAfterEnd(refusal, client) {
  const wasThere = client?.me?.permissions?.includes("start_session") && client.lobby?.state !== "session_ended";
  return refusal.code === "session_ended" && Boolean(wasThere);
}

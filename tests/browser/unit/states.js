/** The state machine of the invitee's page: a table of what is known, and the one state of it. */

import { ENDS, mayGoOnAfterEnd, stateOf } from "/pages/lobby/states.js";
import { makeLobby } from "/pages/client/greenroom-client-testing.js";
import { check, equal, test } from "./harness.js";

const room = (fields) => ({ room_id: "r1", title: "A room", description: null, phase: "open", opens: "at_start", starts_at_ms: null, ...fields });
const look = (state, fields = {}) => ({ state, room: room(fields), email_proof: "typed" });
const lobby = (state, fields = {}) => makeLobby({ state, ...fields });
const refusal = (code) => ({ code, message: "", nextStep: "" });

const TABLE = [
  ["nothing at all", {}, "opening"],
  ["an address without a secret", { hasLink: false, isOpening: true }, "invalid"],
  ["the link is being looked up", { isOpening: true }, "opening"],
  ["looking it up takes long", { isOpening: true, delay: refusal("unreachable") }, "reconnecting"],
  ["nobody has answered since the connection was lost", { isAway: true, delay: refusal("unreachable") }, "reconnecting"],
  ["a look before the start", { look: look("email_entry", { phase: "scheduled", starts_at_ms: 5 }) }, "countdown"],
  ["a look before a start that nobody knows", { look: look("email_entry", { phase: "scheduled" }) }, "email_entry"],
  ["a look during the session", { look: look("email_entry") }, "email_entry"],
  ["a look at a link that is used elsewhere", { look: look("used_on_another_device") }, "used_on_another_device"],
  ["a look at a link that was taken from here", { look: look("moved") }, "moved"],
  ["a look, and the connection is away", { look: look("email_entry"), isAway: true }, "reconnecting"],
  ["a look before the start, and the connection is away", { look: look("email_entry", { phase: "scheduled", starts_at_ms: 5 }), isAway: true }, "countdown"],
  ["a look at a link that is claimed here", { look: look("claimed_here") }, "opening"],
  ["the server knows better than the look", { look: look("email_entry"), lobby: lobby("waiting_in_line") }, "waiting_in_line"],
  ["a guest link", { isGuest: true, look: look("guest_entry") }, "guest_entry"],
  ["a guest link of somebody who is known here", { isGuest: true, look: look("claimed_here") }, "opening"],
  ["the site's sign-in is for another address", { look: look("email_entry"), isWrongAccount: true }, "wrong_account"],
  ["countdown", { lobby: lobby("countdown") }, "countdown"],
  ["countdown, away", { lobby: lobby("countdown"), isAway: true }, "countdown"],
  ["waiting for the host", { lobby: lobby("waiting_for_host") }, "waiting_for_host"],
  ["in line", { lobby: lobby("waiting_in_line") }, "waiting_in_line"],
  ["in line, away", { lobby: lobby("waiting_in_line"), isAway: true }, "reconnecting"],
  ["no seat", { lobby: lobby("room_full") }, "room_full"],
  ["being let in", { lobby: lobby("entering") }, "admitted"],
  ["declined", { lobby: lobby("declined") }, "declined"],
  ["removed", { lobby: lobby("removed") }, "removed"],
  ["out of the line by another tab", { lobby: lobby("left_line") }, "left_line"],
  ["the session ended while a host was away", { lobby: lobby("session_ended") }, "session_ended"],
  ["a state that this page does not know yet", { lobby: lobby("something_new") }, "opening"],
  ["another device has it", { lobby: lobby("used_on_another_device") }, "used_on_another_device"],
  ["it was here", { lobby: lobby("used_on_another_device"), hasMoved: true }, "moved"],
  ["asked for this device", { lobby: lobby("used_on_another_device", { device_request: "pending" }), hasMoved: true }, "device_pending"],
  ["this device was refused", { lobby: lobby("used_on_another_device", { device_request: "refused" }) }, "device_refused"],
  ["this device was allowed", { lobby: lobby("device_allowed") }, "device_allowed"],
  ["inside", { place: "inside" }, "inside"],
  ["inside, and the connection is away", { place: "inside", isAway: true, delay: refusal("unreachable") }, "inside"],
  ["inside by a link whose look is still known", { place: "inside", look: look("email_entry") }, "inside"],
  ["banned, and the room is still in memory", { place: "inside", ended: refusal("banned") }, "banned"],
  ["left, and the room is still in memory", { place: "inside", hasLeft: "room" }, "left"],
  ["left the line", { hasLeft: "line", lobby: lobby("waiting_in_line") }, "left_line"],
  ["coming back, and the old room is still in memory", { place: "inside", isOpening: true }, "opening"],
  ["an end goes over a lobby", { ended: refusal("invite_revoked"), lobby: lobby("countdown") }, "withdrawn"],
  ["a refusal without a page of its own", { ended: refusal("internal_error") }, "refused"],
  ["too many tries", { ended: refusal("too_many_attempts"), retry_at_ms: 5 }, "try_later"],
];

for (const [what, known, wanted] of TABLE) test(`${what}: ${wanted}`, () => equal(stateOf(known), wanted));

test("every end has one state, whatever else is known", () => {
  for (const [code, state] of Object.entries(ENDS)) {
    equal(stateOf({ ended: refusal(code), lobby: lobby("countdown"), place: "inside", isAway: true, isOpening: true }), state, code);
  }
});

test("each state that the product names is reached", () => {
  const reached = new Set([...TABLE.map(([, , state]) => state), ...Object.values(ENDS)]);
  const named = [
    "invalid", "expired", "used_on_another_device", "moved", "withdrawn", "domain_blocked", "wrong_account", "email_entry", "try_later",
    "countdown", "waiting_for_host", "waiting_in_line", "room_full", "admitted", "declined", "removed", "banned", "session_ended",
    "reconnecting", "inside",
  ];
  equal(named.filter((state) => !reached.has(state)), []);
});

test("a host whose session ended is brought to the page that offers to go on, once", () => {
  const host = { me: { permissions: ["start_session"] }, lobby: null };
  check(mayGoOnAfterEnd(refusal("session_ended"), host), "a host");
  check(!mayGoOnAfterEnd(refusal("session_ended"), { ...host, lobby: lobby("session_ended") }), "who is there already");
  check(!mayGoOnAfterEnd(refusal("session_ended"), { me: { permissions: ["chat"] }, lobby: null }), "a viewer");
  check(!mayGoOnAfterEnd(refusal("banned"), host), "another end");
  check(!mayGoOnAfterEnd(refusal("session_ended"), null), "nobody");
});

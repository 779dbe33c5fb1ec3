/** The room's own page for somebody inside, on a fake server: as a host unless it says otherwise. */

import { makeParticipant, makeSnapshot, makeWelcome, makeYou, settled } from "/pages/client/greenroom-client-testing.js";
import "/pages/room/room-page.js";
import { arrive, frame } from "/unit/rooms.js";

export const HOST = [
  "chat", "raise_hand", "see_line", "admit", "lock", "change_roles", "remove", "ban", "clear_hands", "start_session", "end_session",
];
export const MANAGER = [...HOST, "invite", "manage_invitations", "edit_room", "delete_room", "read_audit"];

/** Answers the page, the client and its server; `say` says events of the room, each with the next seq. */
export async function enter({ permissions = HOST, role = "moderator", snapshot = {}, ...welcome } = {}) {
  const you = makeYou({ role, permissions });
  const own = makeParticipant("p1", { role, name: "Maya" });
  const lists = permissions.includes("see_line") ? { waiters: [], device_requests: [] } : {};
  const opened = await arrive(makeWelcome({ you, snapshot: makeSnapshot({ participants: [own], ...lists, ...snapshot }), ...welcome }));
  const room = document.createElement("greenroom-room");
  room.client = opened.client;
  document.body.append(room);
  let seq = 10;
  const say = (...events) => {
    const after = seq;
    opened.server.say(frame(after, seq += events.length, ...events.map((event, index) => ({ ...event, seq: after + 1 + index }))));
    return drawn();
  };
  await drawn();
  return { ...opened, room, say, find: (selector) => room.querySelector(selector), close: () => { room.remove(); opened.client.disconnect(); } };
}

/** After the page has been drawn. */
export async function drawn() {
  await settled();
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}

export const joined = (...participants) => ({ type: "participants.joined", participants, admitted: false, by: null });
export const gone = (reason, ...participant_ids) => ({ type: "participants.left", participant_ids, reason, by: null });
export const waits = (...waiters) => ({ type: "waiters.added", waiters });
export const waitsNoMore = (...participant_ids) => ({ type: "waiters.removed", participant_ids, reason: "admitted", by: "p1" });

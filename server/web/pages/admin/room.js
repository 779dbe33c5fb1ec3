/** One room: how it stands, how many are there, and what was done in it last. */

import { stateBadges } from "./rooms.js";
import { auditRow } from "./trail.js";
import { el } from "../common/dom.js";
import { standingWord } from "../common/roles.js";
import { instantWords } from "../common/times.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("admin");

export async function roomSection(api, roomId) {
  const path = `/v1/rooms/${encodeURIComponent(roomId)}`;
  const [room, inside, line, { entries }] = await Promise.all([
    api.get(path),
    api.get(`${path}/participants?limit=1`),
    api.get(`${path}/line?limit=1`),
    api.get(`${path}/audit?limit=20`),
  ]);
  return el("div", { class: "stack" },
    el("section", { class: "card", "data-room-id": room.room_id },
      el("p", {}, el("a", { href: "#rooms" }, say("rooms.all"))),
      el("div", { class: "section-head" }, el("h1", { tabindex: -1 }, el("bdi", {}, room.title)), el("span", { class: "badges" }, ...stateBadges(room))),
      el("dl", { class: "settings" }, ...facts(room, inside.total, line.total)),
      el("div", { class: "actions" },
        el("a", { class: "button", href: `#support/${encodeURIComponent(room.room_id)}` }, say("rooms.why")))),
    el("section", { class: "card" },
      el("h2", {}, say("rooms.trail")),
      entries.length === 0 ? el("p", { class: "quiet" }, say("rooms.no_trail")) : el("ol", { class: "rows trail" }, ...entries.map(auditRow))));
}

function facts(room, inside, waiting) {
  const rows = [
    ["room.id", el("span", { class: "code" }, room.room_id)],
    ["room.inside", el("span", { "data-count": "inside" }, say("people", { count: inside }))],
    ["room.waiting", el("span", { "data-count": "line" }, say("people", { count: waiting }))],
    ["room.seats", room.capacity === null ? say("room.no_limit") : String(room.capacity)],
    ["room.starts", room.starts_at_ms === null ? say("room.always") : instantWords(room.starts_at_ms)],
    ["room.opens", say(`opens.${room.opens}`)],
    ["room.access", say(`access.${room.access}`)],
    ["room.kind", room.channel_id === null ? say(`kind.${room.kind}`) : `${say(`kind.${room.kind}`)} · ${room.channel_id}`],
    ["room.managers", Object.entries(room.standings).map(([who, standing]) => `${who} (${standingWord(standing)})`).join(", ") || say("room.nobody")],
  ];
  return rows.flatMap(([key, value]) => [el("dt", {}, say(key)), el("dd", {}, value)]);
}

/** The site's rooms: found by title or id, and one of them opened. */

import { roomSection } from "./room.js";
import { el, field } from "../common/dom.js";
import { shortInstant } from "../common/times.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("admin");
const MOST = 1_000;
const SHOWN = 100;

export async function roomsSection(api, roomId = "") {
  if (roomId) return roomSection(api, roomId);
  const { found, hasMore } = await api.list("/v1/rooms", "rooms", MOST);
  const search = el("input", { id: "room-search", type: "search", autocomplete: "off", oninput: () => render() });
  const list = el("ul", { class: "rows", "data-list": "rooms" });
  const count = el("p", { class: "quiet", role: "status" });
  const inOrder = found.sort((a, b) => a.title.localeCompare(b.title));

  function render() {
    const wanted = search.value.trim().toLowerCase();
    const fitting = inOrder.filter(({ title, room_id }) => title.toLowerCase().includes(wanted) || room_id.toLowerCase().includes(wanted));
    list.replaceChildren(...fitting.slice(0, SHOWN).map(row));
    count.textContent = say(fitting.length > SHOWN ? "rooms.first" : "rooms.count", { count: fitting.length, shown: SHOWN });
  }
  render();
  return el("section", { class: "card" },
    el("h1", { tabindex: -1 }, say("rooms.heading")),
    found.length === 0 ? el("p", { class: "quiet" }, say("rooms.none")) : field(say("rooms.search"), search),
    count, list,
    hasMore ? el("p", { class: "quiet" }, say("rooms.by_id", { count: MOST })) : null);
}

function row(room) {
  return el("li", { "data-room-id": room.room_id },
    el("div", { class: "who" },
      el("a", { class: "name", href: `#rooms/${encodeURIComponent(room.room_id)}` }, el("bdi", {}, room.title)),
      el("span", { class: "facts" }, [room.room_id, startWords(room)].filter(Boolean).join(" · "))),
    el("span", { class: "badges" }, ...stateBadges(room)));
}

function startWords({ phase, starts_at_ms }) {
  return phase === "scheduled" && starts_at_ms !== null ? say("rooms.starts", { when: shortInstant(starts_at_ms) }) : "";
}

/** What state it is in, in one or two words each. */
export function stateBadges({ phase, locked }) {
  const isLive = phase === "open" || phase === "opening";
  return [
    el("span", { class: isLive ? "badge live" : "badge", "data-phase": phase }, say(`phase.${phase}`)),
    locked ? el("span", { class: "badge warn" }, say("rooms.locked")) : null,
  ].filter(Boolean);
}

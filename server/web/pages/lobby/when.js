/** When it starts, as on an invitation: the day, then the hour, in the reader's own time and zone. */

import { el } from "../common/dom.js";
import { locale } from "../common/words.js";

const DAY = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const HOUR = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit", timeZoneName: "short" });

/** Fill `node` with the instant; the same instant again changes nothing. */
export function writeWhen(node, at_ms) {
  node.hidden = at_ms === null;
  if (node.dataset.atMs === String(at_ms)) return;
  node.dataset.atMs = String(at_ms);
  node.replaceChildren(...(at_ms === null ? [] : [timeNode(at_ms)]));
}

function timeNode(at_ms) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone?.replaceAll("_", " ") ?? "";
  const hour = HOUR.format(at_ms);
  return el("time", { datetime: new Date(at_ms).toISOString() },
    el("span", { class: "day" }, DAY.format(at_ms)), " ",
    el("span", { class: "hour" }, hour, zone && !hour.endsWith(zone) && el("span", { class: "zone" }, ` (${zone})`)));
}

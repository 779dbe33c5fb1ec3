/** The moment of being let in: a word over the room, which is there already and waits for nothing. */

import { el } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("lobby");
const SHOWN_MS = 1_400;

/** Shown to eyes only; whoever lets somebody in says so to ears. */
export function showAdmitted() {
  const moment = el("div", { class: "admitted-moment", "aria-hidden": "true" },
    el("span", { class: "emblem" }, icon("check")), el("p", {}, say("admitted.moment")));
  document.body.append(moment);
  setTimeout(() => moment.remove(), SHOWN_MS);
}

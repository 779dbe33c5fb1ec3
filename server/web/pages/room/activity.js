/** Who did what in the room, the newest first, for managers; it is read again while it is looked at. */

import { actionButton, attempt, problemPlace } from "../common/acting.js";
import { el, syncRows } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { askAs } from "../common/session-http.js";
import { shortInstant, timeOfDay } from "../common/times.js";
import { wordsOf } from "../common/words.js";
import { ActList } from "./act-list.js";
import { actWords } from "./act-words.js";

const say = await wordsOf("activity");
const PAGE_ROWS = 50;
const PAUSE_MS = 1_500;
const DAY_MS = 86_400_000;
const HEARD = [
  "roomChanged", "participantJoined", "participantUpdated", "participantLeft", "waiterAdded", "waiterRemoved", "invitationChanged",
  "guestLinkChanged", "guestLinkRemoved",
];

class Activity extends RoomElement {
  #acts = new ActList();
  #timer = null;
  #isReading = false;
  #isAwaited = false;
  #stopWatching = () => {};

  build() {
    this.problem = problemPlace();
    this.heading = el("h2", { tabindex: -1, id: "activity-heading" }, say("heading"));
    this.empty = el("p", { class: "quiet" }, say("empty"));
    this.list = el("ol", { class: "rows acts", id: "acts", "aria-labelledby": "activity-heading" });
    this.more = actionButton(say("more"), this.problem, () => this.#readMore(), { class: "plain", "data-act": "activity.more", hidden: true });
    this.append(
      el("div", { class: "section-head" }, this.heading), el("p", { class: "quiet" }, say("why")),
      this.problem, this.empty, this.list, this.more);
  }

  // An act that this tab hears of is in the list a moment later; nobody reads it while it is out of sight.
  listen(client) {
    const shown = new IntersectionObserver(([{ isIntersecting }]) => { if (isIntersecting) this.#readSoon(0); });
    shown.observe(this);
    this.#stopWatching = () => shown.disconnect();
    const stops = HEARD.map((name) => client.on(name, () => this.#readSoon(PAUSE_MS)));
    return () => stops.forEach((stop) => stop());
  }

  render() {
    const now_ms = this.client.now();
    this.empty.hidden = this.#acts.entries.length > 0 || this.#isReading;
    syncRows(this.list, this.#acts.entries, {
      keyOf: ({ seq }) => String(seq),
      create: (entry) => this.#create(entry, now_ms),
      update: () => {},
    });
    this.more.hidden = this.#acts.cursor === null;
  }

  #create(entry, now_ms) {
    const { at_ms, name } = entry;
    const when = now_ms - at_ms < DAY_MS ? timeOfDay(at_ms) : shortInstant(at_ms);
    return el("li", { "data-act-name": name },
      el("time", { class: "quiet clock", datetime: new Date(at_ms).toISOString(), title: shortInstant(at_ms) }, when),
      el("span", {}, actWords(entry)));
  }

  #readSoon(pause_ms) {
    if (this.offsetParent === null || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#isReading) this.#isAwaited = true;
      else attempt(this.problem, () => this.#readNewest());
    }, pause_ms);
  }

  // One answer at a time: an older one would take the newest acts away again.
  async #readNewest() {
    this.#isReading = true;
    try {
      const { entries, next_cursor } = await askAs(this.client, "GET", `audit?limit=${PAGE_ROWS}`);
      this.#acts.takeNewest(entries, next_cursor);
    } finally {
      this.#isReading = false;
      this.renderSoon();
      if (this.#isAwaited && this.isConnected) this.#readSoon(PAUSE_MS);
      this.#isAwaited = false;
    }
  }

  async #readMore() {
    const { cursor } = this.#acts;
    const page = `audit?limit=${PAGE_ROWS}&cursor=${encodeURIComponent(cursor)}`;
    const { entries, next_cursor } = await askAs(this.client, "GET", page);
    this.#acts.takeOlder(cursor, entries, next_cursor);
    this.renderSoon();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#stopWatching();
  }
}

customElements.define("greenroom-activity", Activity);

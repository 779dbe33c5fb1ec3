/** That people wait, told to hosts wherever they look: one notice that is kept up to date, one soft sound, however many come. */

import { announce, notify, renewNotice } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";
import { Chime } from "./chime.js";

const say = await wordsOf("line");
const NOTICE = "waiting";
const SHOWN_MS = 12_000;
const SETTLED_MS = 3_000; // to ears the number is told when it has come to rest

export class Arrivals {
  #onShow;
  #waiting = null;
  #asking = 0;
  #take = () => {};
  #timer = null;
  chime = new Chime();

  constructor({ onShow }) {
    this.#onShow = onShow;
  }

  /** How many wait now, null for those who may not see it, and how many devices ask. */
  update(waiting, asking) {
    const isFirst = this.#waiting === null;
    const isMore = waiting !== null && (waiting > (this.#waiting ?? 0) || asking > this.#asking);
    const isSame = waiting === this.#waiting && asking === this.#asking;
    this.#waiting = waiting;
    this.#asking = asking;
    if (isSame) return;
    if (!waiting && !asking) return void this.#take();
    const text = waiting ? say("notice", { count: waiting }) : say("notice.devices", { count: asking });
    if (!isMore) return void renewNotice(NOTICE, text);
    if (renewNotice(NOTICE, text, { shown_ms: SHOWN_MS })) this.#tellSoon();
    else {
      this.#take = notify(text, { key: NOTICE, shown_ms: SHOWN_MS, action: { label: say("notice.show"), key: "line.show", act: this.#onShow } });
    }
    if (!isFirst) this.chime.ring();
  }

  #tellSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { if (this.#waiting) announce(say("notice", { count: this.#waiting })); }, SETTLED_MS);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#take();
    this.chime.stop();
  }
}

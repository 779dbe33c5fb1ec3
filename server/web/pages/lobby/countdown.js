/** The time left until an instant, large: from the instant and the server's clock each time, never by counting. */

import { el, setText } from "../common/dom.js";
import { announce } from "../common/speaking.js";
import { roughWords } from "../common/times.js";
import { locale, wordsOf } from "../common/words.js";

const say = await wordsOf("lobby");
const DIGITS = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2, useGrouping: false });
const UNITS = [["days", 86_400], ["hours", 3_600], ["minutes", 60], ["seconds", 1]];
const SPOKEN_S = [600, 300, 60, 30];
const AFTER_TURN_MS = 5;

/**
 * Silent to ears (`role="timer"`) but for a few marks on the way, and those not on arriving: the page has just been read out.
 * @param {{clock: {now_ms: () => number}, turned?: (left_ms: number) => void, isSilent?: boolean}} options `turned`: hears of each second
 */
export class Countdown {
  #clock;
  #turned;
  #isSilent;
  #units;
  #target_ms = null;
  #mark_s = undefined;
  #timer = null;

  constructor({ clock, turned = () => {}, isSilent = false }) {
    this.#clock = clock;
    this.#turned = turned;
    this.#isSilent = isSilent;
    this.#units = UNITS.map(([name, seconds]) => ({ name, seconds, digits: el("b", { class: "clock" }), label: el("span", {}) }));
    this.root = el("div", { class: "countdown", role: "timer", hidden: true },
      ...this.#units.map(({ digits, label }) => el("span", { class: "unit" }, digits, " ", label, " ")));
  }

  /** Count down to this instant from now on; null: to none. */
  show(target_ms) {
    if (target_ms !== this.#target_ms) this.#mark_s = undefined;
    this.#target_ms = target_ms;
    this.root.hidden = target_ms === null;
    this.#turn();
  }

  /** Stand still until the next `show`. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #turn() {
    this.stop();
    if (this.#target_ms === null) return;
    const left_ms = this.#target_ms - this.#clock.now_ms();
    this.#write(Math.max(0, Math.ceil(left_ms / 1000)));
    this.#speak(left_ms);
    if (left_ms > 0) this.#timer = setTimeout(() => this.#turn(), (left_ms % 1000 || 1000) + AFTER_TURN_MS);
    this.#turned(left_ms);
  }

  // Every screen turns to the next second together; a unit that is not there yet takes no room.
  #write(left_s) {
    this.root.dataset.leftS = String(left_s);
    let rest_s = left_s;
    for (const { name, seconds, digits, label } of this.#units) {
      const count = Math.floor(rest_s / seconds);
      rest_s %= seconds;
      digits.parentNode.hidden = seconds > 60 && left_s < seconds;
      setText(digits, DIGITS.format(count));
      setText(label, say(`unit.${name}`, { count }));
    }
  }

  #speak(left_ms) {
    const mark_s = SPOKEN_S.findLast((each_s) => left_ms <= each_s * 1000) ?? null;
    const isPassed = this.#mark_s !== undefined && mark_s !== this.#mark_s && left_ms > 0;
    this.#mark_s = mark_s;
    if (isPassed && !this.#isSilent) announce(say("left_time", { time: roughWords(mark_s * 1000) }));
  }
}

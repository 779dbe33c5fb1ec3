/** A line that counts down: from the instant and the clock each second, never by counting; to ears at a few marks only. */

import { setText } from "../common/dom.js";
import { announce } from "../common/speaking.js";
import { roughWords } from "../common/times.js";

const SPOKEN_S = [30, 60, 300, 600];

export class Countdown {
  #timer = null;
  #spoken = undefined;
  #target_ms = null;

  /**
   * @param {HTMLElement} node
   * @param {{now: () => number, words: (left_ms: number) => string, spoken: (left: string) => string}} how
   */
  constructor(node, { now, words, spoken }) {
    Object.assign(this, { node, now, words, spoken });
  }

  /** Count down to this instant; null: to none, and the line is hidden. */
  toward(target_ms) {
    if (target_ms !== this.#target_ms) this.#spoken = undefined;
    this.#target_ms = target_ms;
    this.node.hidden = target_ms === null;
    this.#count();
  }

  #count() {
    clearTimeout(this.#timer);
    if (this.#target_ms === null) return;
    const left_ms = Math.max(0, this.#target_ms - this.now());
    setText(this.node, this.words(left_ms));
    this.#speak(left_ms);
    if (left_ms > 0) this.#timer = setTimeout(() => this.#count(), (left_ms % 1000 || 1000) + 5);
  }

  // Not on arriving: the page has just been read out.
  #speak(left_ms) {
    const mark_s = SPOKEN_S.find((each_s) => left_ms <= each_s * 1000) ?? null;
    const isNew = this.#spoken !== undefined && mark_s !== this.#spoken && mark_s !== null;
    if (isNew && left_ms > 0) announce(this.spoken(roughWords(mark_s * 1000)));
    this.#spoken = mark_s;
  }

  stop() {
    clearTimeout(this.#timer);
  }
}

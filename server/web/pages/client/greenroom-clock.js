/** The server's clock, as far as a tab can know it: a signed offset to the tab's own. */

const KEPT = 8;
const STEP_MS = 250;
const ROUND_TRIP_GOOD_MS = 600_000;
const MAX_TRAVEL_MS = 500; // what took longer stood in a queue

/**
 * A message takes time to arrive, never less than none: each says that the offset is *at least* this much. Where it is also
 * known when it was asked for, the offset is half a round trip more, and the shortest round trip errs least. When the tab's
 * own clock was set, what was measured before means nothing.
 */
export class ServerClock {
  #least = [];
  #best = null;
  #base_ms = null;
  #now;
  #steady;

  constructor({ now = () => Date.now(), steady = () => performance.now() } = {}) {
    this.#now = now;
    this.#steady = steady;
  }

  /** This moment, to be given to `sample` with the answer to what is sent now. */
  mark() {
    return this.#steady();
  }

  /** Take in the server's `now_ms`, just received; `mark`: when it was asked for. */
  sample(now_ms, mark = null) {
    const steady_ms = this.#steady();
    const base_ms = this.#now() - steady_ms;
    if (this.#base_ms === null || Math.abs(base_ms - this.#base_ms) > STEP_MS) {
      this.#least = [];
      this.#best = null;
    }
    this.#base_ms = base_ms;
    const least_ms = now_ms - this.#now();
    this.#least = [...this.#least.slice(1 - KEPT), least_ms];
    if (mark === null) return;
    const trip_ms = steady_ms - mark;
    if (this.#isOld(steady_ms) || trip_ms <= this.#best.trip_ms) {
      this.#best = { trip_ms, offset_ms: least_ms + Math.min(trip_ms, MAX_TRAVEL_MS) / 2, at_ms: steady_ms };
    }
  }

  /** What to add to the tab's clock to get the server's; 0 until something was heard. */
  get offset_ms() {
    const least_ms = this.#least.length ? Math.max(...this.#least) : 0;
    return this.#isOld(this.#steady()) ? least_ms : Math.max(least_ms, this.#best.offset_ms);
  }

  /** The server's time now, epoch ms. */
  now_ms() {
    return this.#now() + this.offset_ms;
  }

  // Quartz drifts apart by some milliseconds a minute.
  #isOld(steady_ms) {
    return this.#best === null || steady_ms - this.#best.at_ms > ROUND_TRIP_GOOD_MS;
  }
}

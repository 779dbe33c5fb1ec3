/** The server's clock, as far as a tab can know it: a signed offset to the tab's own. */

const MAX_SAMPLES = 8;
const STEP_MS = 250;

/**
 * A message takes time to arrive, never less than none: each sample says that the offset is *at least* this much, and
 * the largest of the last few is the best. When the tab's own clock was set, the samples before mean nothing.
 */
export class ServerClock {
  #samples = [];
  #base_ms = null;
  #wall;
  #steady;

  constructor({ wall = () => Date.now(), steady = () => performance.now() } = {}) {
    this.#wall = wall;
    this.#steady = steady;
  }

  /** Take in the server's `now_ms`, just received. */
  sample(now_ms) {
    const base_ms = this.#wall() - this.#steady();
    if (this.#base_ms === null || Math.abs(base_ms - this.#base_ms) > STEP_MS) this.#samples = [];
    this.#base_ms = base_ms;
    this.#samples.push(now_ms - this.#wall());
    if (this.#samples.length > MAX_SAMPLES) this.#samples.shift();
  }

  /** What to add to the tab's clock to get the server's; 0 until something was heard. */
  get offset_ms() {
    return this.#samples.length ? Math.max(...this.#samples) : 0;
  }

  /** The server's time now, epoch ms. */
  now_ms() {
    return this.#wall() + this.offset_ms;
  }
}

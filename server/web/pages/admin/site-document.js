/** The site's switches and rules as they were read: each change says what it was decided on, so that nobody's is overwritten. */

import { Refused } from "../client/greenroom-client.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("admin");
const PATH = "/v1/site";

export class SiteDocument {
  #api;
  #last = Promise.resolve();
  #conflicts = 0;
  now;

  /** @param {import("./api.js").AdminApi} api @param {object} now as the server showed it */
  constructor(api, now) {
    this.#api = api;
    this.now = now;
  }

  static async read(api) {
    return new SiteDocument(api, await api.get(PATH));
  }

  /**
   * Make the changes of `decide`, a function of what is there now; one after another, so that whoever is quick is not told of
   * somebody else.
   * @throws {Refused} `precondition_failed`: somebody else was first; `now` is then what they left, and nothing was changed
   */
  change(decide) {
    const seen = this.#conflicts;
    const made = this.#last.then(() => this.#change(decide, seen));
    this.#last = made.catch(() => {});
    return made;
  }

  async #change(decide, seen) {
    if (seen !== this.#conflicts) throw changedMeanwhile();
    try {
      this.now = await this.#api.patch(PATH, { ...decide(this.now), rev: this.now.rev });
    } catch (error) {
      if (error.code !== "precondition_failed") throw error;
      this.#conflicts += 1;
      this.now = await this.#api.get(PATH);
      throw changedMeanwhile();
    }
  }
}

function changedMeanwhile() {
  return new Refused({ code: "precondition_failed", message: say("changed_meanwhile"), next_step: say("changed_meanwhile_next") });
}

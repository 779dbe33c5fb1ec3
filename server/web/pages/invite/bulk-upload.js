/** Sending rows part by part: what became of each is known as it comes, and what broke off goes on where it stopped. */

import { duplicatesIn, partsOf } from "./bulk-rows.js";

/** @typedef {{row: object, status: string, code: string | null, message: string | null, link: string | null}} Outcome */

export class BulkUpload {
  #client;
  #isStopped = false;

  /** @param {object[]} rows as `readRows` gives them @param {{sends: boolean}} how `sends`: mail the links where a row says nothing */
  constructor(client, rows, { sends }) {
    this.#client = client;
    const duplicates = duplicatesIn(rows);
    this.outcomes = rows.map((row) => (duplicates.has(row)
      ? { row, status: "error", code: "duplicate_row", message: null, link: null }
      : { row, status: "waiting", code: null, message: null, link: null }));
    this.sends = sends;
  }

  get counts() {
    const counts = { would_create: 0, would_replace: 0, created: 0, repeated: 0, error: 0, waiting: 0, replaced: 0 };
    for (const { status, replaced } of this.outcomes) {
      counts[status] = (counts[status] ?? 0) + 1;
      if (replaced) counts.replaced += 1;
    }
    return counts;
  }

  /** Hear what would become of each row; nothing is made. */
  async tryOut(onProgress) {
    await this.#run(this.outcomes.filter(({ code }) => code !== "duplicate_row"), true, onProgress);
  }

  /** Make the invitations of all rows that the trial found good, or that were not reached before. */
  async send(onProgress) {
    this.#isStopped = false;
    await this.#run(this.outcomes.filter(({ status }) => ["would_create", "would_replace", "waiting"].includes(status)), false, onProgress);
  }

  /** After the part that is under way. */
  stop() {
    this.#isStopped = true;
  }

  async #run(outcomes, dry_run, onProgress) {
    const byRow = new Map(outcomes.map((outcome) => [outcome.row, outcome]));
    const parts = partsOf(outcomes.map(({ row }) => row));
    let done = 0;
    onProgress(done, outcomes.length);
    for (const part of parts) {
      if (this.#isStopped) return;
      const answer = await this.#client.command("invitation.bulk", { rows: part.map((row) => this.#asked(row)), dry_run });
      for (const [at, { status, code, message, link, replaced }] of answer.rows.entries()) {
        Object.assign(byRow.get(part[at]), { status, code, message, link, replaced });
      }
      done += part.length;
      onProgress(done, outcomes.length);
    }
  }

  #asked({ email, first_name, last_name, role, key, send }) {
    return { email, first_name, last_name, role, ...(key ? { key } : {}), send: send ?? this.sends };
  }
}

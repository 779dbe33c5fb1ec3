/** The acts that are shown, the newest first, as their pages are read; where there are too many, the oldest go. */

const MAX_UNASKED = 300; // besides those that somebody asked for

export class ActList {
  #cursors = new Map(); // by the `seq` of the last entry of each page
  #max = MAX_UNASKED;
  entries = [];
  /** Where the older ones begin; null: there are none. */
  cursor = null;

  /** Where so much happened meanwhile that there is a hole between these and the ones before, it is read again from here. */
  takeNewest(entries, next_cursor) {
    const oldest = entries.at(-1)?.seq ?? 0;
    const hasHole = next_cursor !== null && !this.entries.some(({ seq }) => seq >= oldest);
    const older = hasHole ? [] : this.entries.filter(({ seq }) => seq < oldest);
    if (older.length === 0) this.cursor = next_cursor;
    this.entries = [...entries, ...older];
    this.#note(entries, next_cursor);
    if (this.entries.length > this.#max) this.#cut();
    const last = this.entries.at(-1)?.seq ?? 0;
    for (const seq of this.#cursors.keys()) if (seq < last) this.#cursors.delete(seq);
  }

  /** What came after `cursor`, where the list still ends there. */
  takeOlder(cursor, entries, next_cursor) {
    if (cursor !== this.cursor) return;
    this.cursor = next_cursor;
    this.entries = [...this.entries, ...entries];
    this.#max += entries.length;
    this.#note(entries, next_cursor);
  }

  #note(entries, next_cursor) {
    if (next_cursor !== null) this.#cursors.set(entries.at(-1).seq, next_cursor);
  }

  // At the end of a page, so that the older ones can be read from there.
  #cut() {
    const end = this.entries.findLastIndex(({ seq }, at) => at < this.#max && this.#cursors.has(seq));
    if (end < 0) return;
    this.cursor = this.#cursors.get(this.entries[end].seq);
    this.entries.length = end + 1;
  }
}

/** Which page of a large room's people is watched: one group or one search at a time, forth and back along the cursors. */

export class RosterPage {
  group = "speakers";
  search = null;
  #cursors = [null];
  #limit;
  #left = null; // the page that was left, shown until the next one is here
  #leftStart = 0;

  constructor(limit = 100) {
    this.#limit = limit;
  }

  /** Look at another group or for something else, from its first page; the same again changes nothing. */
  turnTo(group, search = null) {
    if (group === this.group && search === this.search) return;
    this.group = group;
    this.search = search;
    this.#cursors = [null];
  }

  /** What to ask the server to watch. */
  get wanted() {
    return { group: this.group, cursor: this.#cursors.at(-1), limit: this.#limit, search: this.search };
  }

  /** The answer to it in the client's `roster`; null where that is another page's. */
  of(roster) {
    return roster && roster.group === this.group && (roster.search || null) === this.search ? roster : null;
  }

  /** Where the page is: how many come before it, and whether there are others. */
  place(roster) {
    const pages = this.#cursors.length - 1;
    const start = roster !== null && roster === this.#left ? this.#leftStart : pages * this.#limit;
    return { start, hasBack: pages > 0, hasNext: Boolean(roster?.next_cursor) };
  }

  /** One page on from `roster`, or back; pressed again before the next one is here, it is still that one. */
  step(roster, by) {
    const { start } = this.place(roster);
    const isStillLeft = roster === null || roster === this.#left;
    if (by < 0 && this.#cursors.length > 1) this.#cursors = this.#cursors.slice(0, -1);
    else if (by > 0 && !isStillLeft && roster.next_cursor) this.#cursors = [...this.#cursors, roster.next_cursor];
    else return;
    this.#left = roster;
    this.#leftStart = start;
  }
}

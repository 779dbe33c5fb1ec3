/**
 * The people of a room in their groups, each in its order, kept up as they come and go: only what changed is looked at
 * again. Pure: rows in, lists out. Rows are frozen, and the same object until something in them changes.
 */

import { locale } from "../common/words.js";

export const GROUPS = ["hands", "hosts", "speakers", "viewers"];
const GROUP_OF_ROLE = { manager: "hosts", moderator: "hosts", speaker: "speakers", viewer: "viewers" };
const MANY = 64; // from so many changes on, sorting whole is cheaper than finding each place
const names = new Intl.Collator(locale, { sensitivity: "base", numeric: true });
const MARKS = /\p{M}/gu;
const folded = new WeakMap();

/** Whoever raised a hand is among the hands, whatever their role. */
export function groupOf({ role, hand_raised_at_ms }) {
  return hand_raised_at_ms !== null ? "hands" : GROUP_OF_ROLE[role] ?? "viewers";
}

/** Each word of `search` begins a word of the name or address, whatever the accents. */
export function matches(row, search) {
  const text = foldedOf(row);
  return fold(search).split(/\s+/).every((word) => text.includes(` ${word}`));
}

function foldedOf(row) {
  if (!folded.has(row)) folded.set(row, ` ${fold([row.name, row.email, row.claimed_email].filter(Boolean).join(" "))}`);
  return folded.get(row);
}

function fold(text) {
  return text.normalize("NFKD").replace(MARKS, "").toLowerCase().trim().replace(/\s+/gu, " ");
}

export class Grouping {
  #ownId;
  #people = null;
  #known = new Map(); // id → {row, turn}
  #turn = 0;
  lists = Object.fromEntries(GROUPS.map((group) => [group, []]));

  constructor(ownId) {
    this.#ownId = ownId;
  }

  /** Take in everybody who is there now; the lists are new ones where something in them changed. */
  take(people) {
    if (people === this.#people) return;
    this.#people = people;
    this.#turn += 1;
    const [came, went] = [[], []];
    for (const row of people) {
      const known = this.#known.get(row.participant_id);
      if (known?.row !== row) {
        if (known) went.push(known.row);
        came.push(row);
      }
      this.#known.set(row.participant_id, { row, turn: this.#turn });
    }
    for (const [id, { row, turn }] of this.#known) {
      if (turn === this.#turn) continue;
      went.push(row);
      this.#known.delete(id);
    }
    this.#change(came, went);
  }

  #change(came, went) {
    for (const group of GROUPS) {
      const gone = new Set(went.filter((row) => groupOf(row) === group));
      const here = came.filter((row) => groupOf(row) === group);
      if (gone.size === 0 && here.length === 0) continue;
      const list = gone.size ? this.lists[group].filter((row) => !gone.has(row)) : [...this.lists[group]];
      const order = group === "hands" ? byHand : (a, b) => this.#byName(a, b);
      if (here.length > MANY) list.push(...here);
      else for (const row of here) list.splice(placeOf(list, row, order), 0, row);
      if (here.length > MANY) list.sort(order);
      this.lists[group] = list;
    }
  }

  // Oneself first, so that one finds oneself; everybody else by name.
  #byName(a, b) {
    return (b.participant_id === this.#ownId) - (a.participant_id === this.#ownId) || names.compare(a.name, b.name) || byId(a, b);
  }
}

function byHand(a, b) {
  return a.hand_raised_at_ms - b.hand_raised_at_ms || byId(a, b);
}

function byId(a, b) {
  return a.participant_id < b.participant_id ? -1 : a.participant_id > b.participant_id ? 1 : 0;
}

function placeOf(list, row, order) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(list[middle], row) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

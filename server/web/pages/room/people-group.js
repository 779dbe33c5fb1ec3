/** One group of people: its heading with the count, its rows, and the way to more of them. */

import { el, setText, syncRows } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("people");
const PAGE_ROWS = 100;

export class PeopleGroup {
  #limit = PAGE_ROWS;
  #shown = null;
  #version = null;
  #isOpen = null;

  /**
   * @param {string} key
   * @param {{rowOf: (person: object) => {node: HTMLElement}, update: (person: object) => void, rerender: () => void,
   *   onOpen: () => void, onPage: (step: number) => void}} owner
   */
  constructor(key, owner) {
    this.key = key;
    this.owner = owner;
    const id = `group-${key}`;
    this.count = el("span", { class: "count clock" });
    this.label = el("span", {}, say(`group.${key}`), " ", this.count);
    this.opener = el("button", {
      type: "button", class: "plain opener", "data-act": `group.${key}`, "aria-expanded": "false", onclick: () => owner.onOpen(),
    }, icon("next"));
    this.heading = el("h3", { id }, this.label);
    this.list = el("ul", { class: "rows people", "aria-labelledby": id });
    const button = (act, words, onclick) => el("button", { type: "button", class: "plain", "data-act": act, onclick }, say(words));
    this.more = button("people.more", "more", () => this.#showMore());
    this.range = el("span", { class: "quiet clock" });
    this.back = button("people.back", "page.back", () => owner.onPage(-1));
    this.next = button("people.next", "page.next", () => owner.onPage(1));
    this.pager = el("div", { class: "pager", hidden: true }, this.back, this.range, this.next);
    this.beyond = el("p", { class: "quiet", hidden: true });
    this.root = el("section", { class: "group", "data-group": key, "aria-labelledby": id },
      this.heading, this.list, this.more, this.pager, this.beyond);
  }

  #showMore() {
    const first = this.list.children.length;
    this.#limit += PAGE_ROWS;
    this.owner.rerender();
    this.list.children[first]?.querySelector("button")?.focus({ preventScroll: true });
  }

  /**
   * Show these people of `total`. `version`: changes where rows are to be looked at again although the list is the same one.
   * `isOpen`: null where it is always open; `page`: {start, hasBack, hasNext} where it is read page by page.
   */
  show(people, { total = people.length, version = 0, isOpen = null, page = null } = {}) {
    this.root.hidden = total === 0 && people.length === 0;
    setText(this.count, String(total));
    this.root.dataset.count = total;
    this.#showOpener(isOpen);
    this.#showPager(page, people.length, total);
    const hidden = page ? 0 : total - people.length;
    this.beyond.hidden = hidden <= 0 || isOpen === false;
    if (hidden > 0) setText(this.beyond, say("beyond", { count: hidden }));
    const shown = people.length > this.#limit ? people.slice(0, this.#limit) : people;
    this.more.hidden = people.length <= this.#limit;
    const what = `${version} ${this.#limit}`;
    if (people === this.#shown && what === this.#version) return;
    this.#shown = people;
    this.#version = what;
    syncRows(this.list, shown, {
      keyOf: ({ participant_id }) => participant_id,
      create: (person) => this.owner.rowOf(person).node,
      update: (_, person) => this.owner.update(person),
    });
  }

  #showOpener(isOpen) {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    if (isOpen === null) this.heading.replaceChildren(this.label);
    else if (this.label.parentNode !== this.opener) {
      this.opener.append(this.label);
      this.heading.replaceChildren(this.opener);
    }
    this.opener.setAttribute("aria-expanded", String(isOpen !== false));
    this.list.hidden = isOpen === false;
  }

  #showPager(page, length, total) {
    this.pager.hidden = page === null || (!page.hasBack && !page.hasNext);
    if (this.pager.hidden) return;
    this.back.disabled = !page.hasBack;
    this.next.disabled = !page.hasNext;
    setText(this.range, say("page.range", { from: page.start + 1, to: page.start + length, total }));
  }
}

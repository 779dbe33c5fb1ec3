/** A list of people below a field while somebody types: a combobox (WAI-ARIA 1.2) with arrows, Enter, Escape and a click. */

import { el } from "../common/dom.js";

const LEAST_CHARACTERS = 2;
const PAUSE_MS = 150; // of the typing, before it is asked

export class Suggestions {
  #people = [];
  #active = -1;
  #asked = 0;
  #timer = null;

  /**
   * @param {HTMLInputElement} input
   * @param {{called: string, find: (text: string) => Promise<object[]>, label: (person: object) => string[], pick: (person: object) => void}} how
   *   `called`: what the list is, to a screen reader; `label`: a name, and what tells it from others of that name
   */
  constructor(input, { called, find, label, pick }) {
    this.input = input;
    this.find = find;
    this.label = label;
    this.pick = pick;
    this.list = el("ul", { id: `${input.id}-suggestions`, class: "suggestions", role: "listbox", "aria-label": called, hidden: true });
    this.root = el("div", { class: "suggesting" }, input, this.list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", this.list.id]]) {
      input.setAttribute(name, value);
    }
    input.addEventListener("input", () => this.#later());
    input.addEventListener("keydown", (event) => this.#onKey(event));
    input.addEventListener("blur", () => this.close());
  }

  close() {
    clearTimeout(this.#timer);
    this.#asked += 1; // an answer that is still under way is for nobody
    this.#show([]);
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
  }

  async #ask() {
    const text = this.input.value.trim();
    this.#asked += 1;
    const asked = this.#asked;
    // Suggestions are a help: where there are none, for whatever reason, one types on.
    const people = text.length < LEAST_CHARACTERS ? [] : await this.find(text).catch(() => []);
    if (asked === this.#asked) this.#show(people);
  }

  #show(people) {
    this.#people = people;
    this.list.replaceChildren(...people.map((person, index) => el("li", {
      id: `${this.list.id}-${index}`,
      role: "option",
      // Before the field loses the focus, and with it the list.
      onpointerdown: (event) => { event.preventDefault(); this.#choose(index); },
    }, ...this.label(person).map((part) => el("bdi", {}, part)))));
    this.list.hidden = people.length === 0;
    this.input.setAttribute("aria-expanded", String(people.length > 0));
    this.#activate(-1);
  }

  #activate(index) {
    this.#active = index;
    for (const [at, option] of [...this.list.children].entries()) option.setAttribute("aria-selected", String(at === index));
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
  }

  #choose(index) {
    const person = this.#people[index];
    this.close();
    this.pick(person);
  }

  #onKey(event) {
    const count = this.#people.length;
    if (count === 0) return;
    if (event.key === "ArrowDown") this.#activate((this.#active + 1) % count);
    else if (event.key === "ArrowUp") this.#activate((this.#active <= 0 ? count : this.#active) - 1);
    else if (event.key === "Enter" && this.#active >= 0) this.#choose(this.#active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }
}

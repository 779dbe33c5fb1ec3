/** One person's row: made once, and touched only where something in it is another than before. */

import { el, nameNode, setText } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { menu, setChoices } from "../common/menu.js";
import { appliedWords, roleWord, standingWord } from "../common/roles.js";
import { wordsOf } from "../common/words.js";
import { avatar } from "./avatar.js";

const say = await wordsOf("people");

export class PersonRow {
  #person = null;
  #applied = null;
  #isSelf = null;
  #hasMenu = null;
  #menu = null;
  #choices;

  /** `choices`: what may be done to the person, asked when the menu opens. */
  constructor(participantId, { choices }) {
    this.#choices = choices;
    this.mark = el("span", {});
    this.line = el("span", { class: "line" });
    this.facts = el("span", { class: "facts" });
    this.applied = el("span", { class: "applied", hidden: true });
    this.who = el("div", { class: "who" }, this.line, this.facts, this.applied);
    this.node = el("li", { "data-participant-id": participantId }, this.mark, this.who);
  }

  get person() {
    return this.#person;
  }

  update(person, { isSelf, applied, hasMenu }) {
    const before = this.#person;
    if (person !== before || isSelf !== this.#isSelf) {
      this.#person = person;
      this.#isSelf = isSelf;
      this.#showPerson(person, before, isSelf);
    }
    if (applied !== this.#applied) this.#showApplied(applied);
    if (hasMenu !== this.#hasMenu) this.#showMenu(hasMenu);
    if (this.#menu?.items.matches(":popover-open")) this.#fillMenu();
  }

  #showPerson(person, before, isSelf) {
    const looks = JSON.stringify([person.name, isSelf, person.unverified, person.hand_raised_at_ms !== null]);
    if (this.line.dataset.looks !== looks) this.#showLine(person, looks, isSelf);
    this.node.dataset.role = person.role;
    setText(this.facts, factsOf(person));
    if (before && before.role !== person.role) this.#glow();
    if (this.#menu && before?.name !== person.name) this.#nameMenu();
  }

  #showLine(person, looks, isSelf) {
    this.line.dataset.looks = looks;
    this.mark.replaceChildren(avatar(person.name, person.participant_id));
    const name = nameNode(person.name);
    name.title = person.name;
    this.line.replaceChildren(...[
      name,
      isSelf && el("span", { class: "badge live" }, say("you")),
      person.unverified && el("span", { class: "badge warn", title: say("unverified.why") }, say("unverified")),
      person.hand_raised_at_ms !== null && el("span", { class: "raised" }, icon("hand"), el("span", { class: "unseen" }, say("hand_raised"))),
    ].filter(Boolean));
  }

  #showApplied(applied) {
    this.#applied = applied;
    this.applied.hidden = !applied;
    this.applied.dataset.status = applied?.status ?? "";
    const picture = { applied: "check", pending: "clock", offline: "offline" }[applied?.status];
    this.applied.replaceChildren(...(applied ? [icon(picture ?? "clock"), appliedWords(applied)] : []));
  }

  #glow() {
    this.node.classList.remove("changed");
    void this.node.offsetWidth; // the animation begins anew
    this.node.classList.add("changed");
  }

  // Most rows' menus are never opened: the menu is made for those who may do something, its choices when it opens.
  #showMenu(hasMenu) {
    this.#hasMenu = hasMenu;
    if (!hasMenu) {
      this.#menu?.root.remove();
      this.#menu = null;
      return;
    }
    this.#menu = menu(null, "");
    this.#nameMenu();
    for (const event of ["click", "keydown"]) this.#menu.button.addEventListener(event, () => this.#fillMenu(), { capture: true });
    this.node.append(this.#menu.root);
  }

  #nameMenu() {
    const label = say("menu", { name: this.#person.name });
    this.#menu.button.setAttribute("aria-label", label);
    this.#menu.items.setAttribute("aria-label", label);
  }

  #fillMenu() {
    setChoices(this.#menu, this.#choices(this.#person));
  }
}

function factsOf({ standing, role, email, claimed_email }) {
  return [standing ? standingWord(standing) : roleWord(role), email ?? claimed_email].filter(Boolean).join(" · ");
}

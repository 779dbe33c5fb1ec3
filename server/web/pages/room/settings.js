/** The room's settings, for managers: one form; what was changed in it is sent, and nothing else. */

import { actionButton, attempt, problemPlace } from "../common/acting.js";
import { ask } from "../common/dialog.js";
import { el, field } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { notify } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";
import { FIELDS, PARTS } from "./setting-fields.js";

const say = await wordsOf("room");
const RETRY_MS = 5_000; // where the rules of domains were refused, at the earliest

class Settings extends RoomElement {
  #inputs = new Map();
  #ofRoom = new Map(); // what the room has, as it would be shown
  #shown = new Map(); // what was put into each field, as the browser writes it
  #hasDomains = false;
  #nextTry_ms = 0;

  build() {
    this.problem = problemPlace();
    this.heading = el("h2", { tabindex: -1 }, say("settings"));
    for (const each of FIELDS) this.#inputs.set(each.key, each.build(`edit-${each.key}`));
    this.save = el("button", { type: "submit", class: "primary", "data-act": "room.edit" }, say("settings.save"));
    this.form = el("form", { id: "settings", onsubmit: (event) => this.#save(event) },
      ...PARTS.map((part) => this.#buildPart(part)), this.problem,
      el("div", { class: "actions save" }, this.save));
    this.dangerProblem = problemPlace();
    this.deleting = actionButton(say("delete"), this.dangerProblem, () => this.#delete(), { class: "danger", "data-act": "room.delete" });
    this.danger = el("section", { class: "danger-part" },
      el("h3", {}, say("delete.heading")), el("p", { class: "quiet" }, say("delete.sentence")),
      this.dangerProblem, el("div", {}, this.deleting));
    this.append(el("div", { class: "section-head" }, this.heading), this.form, this.danger);
  }

  #buildPart({ key, isFolded }) {
    const fields = FIELDS.filter(({ part }) => part === key).map((each) => this.#buildField(each));
    const words = say(`part.${key}`);
    if (!isFolded) return el("fieldset", { class: "stack" }, el("legend", {}, words), ...fields);
    return el("details", { class: "part", "data-part": key }, el("summary", {}, words), el("div", { class: "stack" }, ...fields));
  }

  #buildField({ key, isCheck, hasHint }) {
    const input = this.#inputs.get(key);
    const label = say(`set.${key}`);
    if (!isCheck) return field(label, input, hasHint ? say(`set.${key}.hint`) : null);
    return el("p", { class: "check" }, input, el("label", { for: input.id }, label));
  }

  // A field that somebody is changing is left to them; every other one follows the room.
  render() {
    const { client } = this;
    if (!client.room) return;
    for (const { key, show, isKept } of FIELDS) {
      const input = this.#inputs.get(key);
      const value = isKept ? "" : show(client.room);
      if (this.#ofRoom.get(key) === value) continue;
      const isTouched = this.#ofRoom.has(key) && valueOf(input) !== this.#shown.get(key);
      this.#ofRoom.set(key, value);
      if (!isTouched) this.#put(key, value);
    }
    this.#inputs.get("starts_at_ms").closest(".field").hidden = client.room.phase !== "scheduled";
    this.danger.hidden = !client.may("delete_room");
    this.#loadDomains();
  }

  // The room's rules of domains are told to nobody who does not ask.
  async #loadDomains() {
    if (this.#hasDomains || performance.now() < this.#nextTry_ms) return;
    this.#hasDomains = true;
    this.#nextTry_ms = performance.now() + RETRY_MS;
    const rules = await attempt(this.problem, () => this.client.command("domain.rules"));
    if (!rules) return void (this.#hasDomains = false);
    for (const key of ["allowed_domains", "blocked_domains"]) {
      if (valueOf(this.#inputs.get(key)) === this.#shown.get(key)) this.#put(key, rules[key].join(", "));
    }
  }

  #put(key, value) {
    const input = this.#inputs.get(key);
    if (input.type === "checkbox") input.checked = value;
    else input.value = value;
    this.#shown.set(key, valueOf(input));
  }

  async #save(event) {
    event.preventDefault();
    const changes = {};
    for (const { key, read, isKept, canBeEmpty } of FIELDS) {
      const value = valueOf(this.#inputs.get(key));
      const isLeft = isKept && value === "" && !canBeEmpty;
      if (!isLeft && value !== this.#shown.get(key)) changes[key] = read(value);
    }
    if (Object.keys(changes).length === 0) return notify(say("settings.same"), { key: "settings" });
    this.save.setAttribute("aria-busy", "true");
    const answer = await attempt(this.problem, () => this.client.command("room.edit", changes));
    this.save.removeAttribute("aria-busy");
    if (!answer) return;
    for (const { key } of FIELDS) if (key in changes) this.#shown.set(key, valueOf(this.#inputs.get(key)));
    notify(say("settings.saved"), { key: "settings" });
    this.renderSoon();
  }

  async #delete() {
    const yes = await ask({ heading: say("delete.ask"), sentence: say("delete.sentence"), confirm: say("delete"), danger: true });
    if (yes !== null) await this.client.command("room.delete");
  }
}

function valueOf(input) {
  return input.type === "checkbox" ? input.checked : input.value;
}

customElements.define("greenroom-settings", Settings);

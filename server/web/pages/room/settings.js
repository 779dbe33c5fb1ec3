/** The room's settings, for managers: one form; what was changed in it is sent, and nothing else. */

import { actionButton, attempt, problemPlace } from "../common/acting.js";
import { ask } from "../common/dialog.js";
import { el, field } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { notify } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";
import { rebased } from "../invite/domain-names.js";
import { DOMAIN_LISTS, FIELDS, PARTS } from "./setting-fields.js";

const say = await wordsOf("room");
const RETRY_MS = 5_000; // where the rules of domains were refused, at the earliest

class Settings extends RoomElement {
  #inputs = new Map();
  #ofRoom = new Map(); // what the room has, as it would be shown
  #shown = new Map(); // what was put into each field, as the browser writes it
  #domains = { allowed_domains: [], blocked_domains: [] }; // what was put into their fields
  #isBehind = false; // those may have been changed elsewhere
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

  // The room's rules of domains are told to nobody who does not ask: they are asked for whenever this is looked at.
  listen(client) {
    const shown = new IntersectionObserver(([{ isIntersecting }]) => { if (isIntersecting) this.#readDomains(); });
    shown.observe(this);
    const stop = super.listen(client);
    return () => {
      shown.disconnect();
      stop();
    };
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
    if (this.#isBehind && performance.now() > this.#nextTry_ms) this.#readDomains();
  }

  async #readDomains() {
    this.#isBehind = true;
    this.#nextTry_ms = performance.now() + RETRY_MS;
    const rules = await attempt(this.problem, () => this.client.command("domain.rules"));
    if (!rules) return;
    this.#isBehind = false;
    for (const key of DOMAIN_LISTS) {
      if (valueOf(this.#inputs.get(key)) !== this.#shown.get(key)) continue;
      this.#put(key, rules[key].join(", "));
      this.#domains[key] = rules[key];
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
    const typed = new Map();
    for (const { key, read, isKept, canBeEmpty } of FIELDS) {
      const value = valueOf(this.#inputs.get(key));
      const isLeft = isKept && value === "" && !canBeEmpty;
      if (isLeft || value === this.#shown.get(key)) continue;
      changes[key] = read(value);
      typed.set(key, value);
    }
    if (Object.keys(changes).length === 0) return notify(say("settings.same"), { key: "settings" });
    this.save.setAttribute("aria-busy", "true");
    const answer = await attempt(this.problem, () => this.#edit(changes));
    this.save.removeAttribute("aria-busy");
    if (!answer) return;
    for (const [key, value] of typed) this.#shown.set(key, value);
    notify(say("settings.saved"), { key: "settings" });
    if (DOMAIN_LISTS.some((key) => key in changes)) this.#readDomains();
    this.renderSoon();
  }

  // A list of domains is sent whole, so what others did to it meanwhile is in it too.
  async #edit(changes) {
    const lists = DOMAIN_LISTS.filter((key) => key in changes);
    const rules = lists.length > 0 ? await this.client.command("domain.rules") : null;
    const sent = { ...changes };
    for (const key of lists) sent[key] = rebased(rules[key], { before: this.#domains[key], wanted: changes[key] });
    const answer = await this.client.command("room.edit", sent);
    for (const key of lists) this.#domains[key] = changes[key];
    return answer;
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

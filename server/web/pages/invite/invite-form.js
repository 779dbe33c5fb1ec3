/** Whom to invite: an address with people offered as one types, a name, a type, and what happens at once. */

import { problemPlace, showRefusal } from "../common/acting.js";
import { el, field } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { asRefusal } from "../common/refusal.js";
import { wordsOf } from "../common/words.js";
import { AddressHint, looksLikeAddress } from "./address-hint.js";
import { openDomainRules } from "./domain-rules.js";
import { roleCards } from "./role-cards.js";
import { Suggestions } from "./suggestions.js";

const say = await wordsOf("invite");
const OF_THE_ADDRESS = new Set(["bad_message", "domain_blocked"]);
const OF_THE_MAIL = new Set(["email_not_configured", "mail_queue_full"]);

export class InviteForm {
  #client;
  #onMade;
  #unconfirmed = {}; // what may have been done without an answer that came

  /** @param {(made: object) => void} onMade hears the answer, with what was asked for */
  constructor(client, { onMade }) {
    this.#client = client;
    this.#onMade = onMade;
    const name = (id) => el("input", { id, required: true, maxlength: 100, autocomplete: "off" });
    // No field for addresses alone: one also types a name here, to be offered the people who have it.
    this.email = el("input", {
      id: "invite-email", type: "text", inputmode: "email", required: true, maxlength: 254, autocomplete: "off", spellcheck: "false",
      oninput: () => this.email.removeAttribute("aria-invalid"),
    });
    this.first = name("invite-first");
    this.last = name("invite-last");
    this.role = roleCards(say("type"), { id: "invite-role" });
    this.suggestions = new Suggestions(this.email, {
      called: say("people"),
      find: async (text) => (await client.command("people.suggest", { text })).suggestions,
      label: ({ email, first_name, last_name }) => [`${first_name} ${last_name}`, email],
      pick: (person) => this.#fill(person),
    });
    this.send = check("invite-send", say("send"));
    this.atOnce = check("invite-at-once", say("at_once"));
    this.problem = problemPlace();
    this.ways = el("div", { class: "actions" });
    this.submit = el("button", { type: "submit", class: "primary", "data-act": "invite.generate" }, icon("link"), say("generate"));
    this.root = el("form", { id: "invite-form", novalidate: true, onsubmit: (event) => this.#onSubmit(event) },
      this.#emailField(),
      el("div", { class: "pair" }, field(say("first_name"), this.first), field(say("last_name"), this.last)),
      this.role.root,
      el("div", { class: "checks" }, this.send.root, this.atOnce.root),
      el("div", { class: "stack" }, this.problem, this.ways),
      el("div", { class: "actions" }, this.submit));
    this.#offer();
  }

  #emailField() {
    const hint = el("p", { class: "hint", id: "invite-email-hint", role: "status" }, say("email.hint"));
    this.email.setAttribute("aria-describedby", hint.id);
    this.hint = new AddressHint(this.#client, this.email, hint, say("email.hint"));
    return el("div", { class: "field" }, el("label", { for: this.email.id }, say("email")), this.suggestions.root, hint);
  }

  /** What the site offers by now. */
  #offer() {
    this.send.root.hidden = !this.#client.features?.email;
  }

  focus() {
    this.email.focus();
  }

  /** For the next person: the type stays, since one often invites several alike. */
  again() {
    const role = this.role.value;
    const { checked } = this.send.input;
    this.root.reset();
    this.role.value = role;
    this.send.input.checked = checked;
    this.#refused(null);
    this.hint.later();
    this.#offer();
    this.focus();
  }

  #fill({ email, first_name, last_name }) {
    this.email.value = email;
    this.first.value = first_name;
    this.last.value = last_name;
    this.email.removeAttribute("aria-invalid");
    this.hint.later();
    this.role.root.querySelector("input:checked").focus();
  }

  async #onSubmit(event) {
    event.preventDefault();
    if (this.submit.getAttribute("aria-busy") || !this.#isComplete()) return;
    this.submit.setAttribute("aria-busy", "true");
    this.#refused(null);
    const asked = {
      email: this.email.value.trim(),
      first_name: this.first.value.trim(),
      last_name: this.last.value.trim(),
      role: this.role.value,
      at_once: this.atOnce.input.checked,
      send_email: !this.send.root.hidden && this.send.input.checked,
    };
    try {
      this.#onMade({ ...asked, ...await this.#create(asked) });
    } catch (error) {
      this.#refused(asRefusal(error));
    } finally {
      this.submit.removeAttribute("aria-busy");
    }
  }

  // The same again under the same id is the same invitation, and one mail.
  async #create(asked) {
    const content = JSON.stringify(asked);
    const id = this.#unconfirmed.content === content ? this.#unconfirmed.id : undefined;
    this.#unconfirmed = {};
    try {
      return await this.#client.command("invitation.create", asked, { id });
    } catch (error) {
      if (error.code === "unconfirmed" || id !== undefined) this.#unconfirmed = { content, id: id ?? error.requestId };
      throw error;
    }
  }

  /** The browser's own words for what is missing, and ours for an address that is none. */
  #isComplete() {
    const isAddress = !this.email.value.trim() || looksLikeAddress(this.email.value);
    this.email.setCustomValidity(isAddress ? "" : say("email.invalid"));
    for (const input of [this.first, this.last]) input.setCustomValidity(input.value && !input.value.trim() ? say("name.empty") : "");
    const isComplete = this.root.reportValidity();
    this.email.setCustomValidity("");
    return isComplete;
  }

  /** Say it where it can be mended, with what to do next as a button where there is one. Null: all is well again. */
  #refused(refusal) {
    showRefusal(this.problem, refusal);
    if (this.ways.contains(document.activeElement)) this.submit.focus();
    this.ways.replaceChildren();
    this.email.removeAttribute("aria-invalid");
    if (refusal === null) return;
    const { code } = refusal;
    if (say.has(`next.${code}`)) this.problem.replaceChildren(say(`next.${code}`), " ", el("small", { class: "code" }, code));
    this.ways.replaceChildren(...this.#waysOut(code));
    if (OF_THE_ADDRESS.has(code)) {
      this.email.setAttribute("aria-invalid", "true");
      this.email.focus();
    }
  }

  #waysOut(code) {
    const button = (words, act, onclick) => el("button", { type: "button", "data-act": act, onclick }, words);
    if (code === "cnc_disabled" && this.#client.may("edit_room")) {
      return [button(say("fix.cnc_disabled"), "room.cnc_on", () => this.#switchCncOn())];
    }
    if (code === "domain_blocked" && this.#mayChangeRules()) {
      return [button(say("fix.domain_blocked"), "domains.open", () => openDomainRules(this.#client))];
    }
    if (OF_THE_MAIL.has(code)) return [button(say("fix.email"), "invite.without_email", () => this.#withoutEmail())];
    return [];
  }

  /** From outside the room its rules are not to be had. */
  #mayChangeRules() {
    return this.#client.may("edit_room") && this.#client.knows?.("domain.rules") !== false;
  }

  async #switchCncOn() {
    try {
      await this.#client.command("room.edit", { cnc: true });
      this.root.requestSubmit();
    } catch (error) {
      this.#refused(asRefusal(error));
    }
  }

  #withoutEmail() {
    this.send.input.checked = false;
    this.root.requestSubmit();
  }
}

function check(id, words) {
  const input = el("input", { id, type: "checkbox" });
  return { input, root: el("p", { class: "check" }, input, el("label", { for: id }, words)) };
}

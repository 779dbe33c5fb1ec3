/** Where somebody says who they are. Its fields stay while the page changes, so that what is half typed is still there. */

import { showRefusal } from "../common/acting.js";
import { el, field, setText } from "../common/dom.js";
import { wordsOf } from "../common/words.js";
import { deviceLabel } from "../client/greenroom-link.js";

const say = await wordsOf("lobby");

export class ProofForm {
  #wanted = null;
  #submit;
  #askForCode;

  /**
   * @param {object} options
   * @param {(given: {email: string, name?: string, code?: string}) => void} options.submit
   * @param {(email: string) => void} options.askForCode
   * @param {string} options.prefix of the fields' ids
   */
  constructor({ submit, askForCode, prefix = "" }) {
    this.#submit = submit;
    this.#askForCode = askForCode;
    this.#build(prefix);
  }

  #build(prefix) {
    this.problem = el("p", { id: `${prefix}problem`, class: "problem", role: "alert", hidden: true });
    const common = { spellcheck: "false", "aria-describedby": this.problem.id };
    this.name = el("input", { ...common, id: `${prefix}guest-name`, name: "name", maxlength: 100, autocomplete: "name" });
    this.email = el("input", {
      ...common, id: `${prefix}email`, name: "email", type: "email", required: true, maxlength: 254, autocomplete: "email",
      inputmode: "email", autocapitalize: "none", dir: "ltr",
    });
    this.code = el("input", {
      ...common, id: `${prefix}mailed-code`, name: "code", inputmode: "numeric", maxlength: 12, autocomplete: "one-time-code", dir: "ltr",
    });
    this.again = el("button", { type: "button", class: "plain", "data-act": "link.code", onclick: () => this.#askForCode(this.given.email) }, say("code.again"));
    this.nameBox = field(say("name.label"), this.name);
    this.codeBox = el("div", { class: "stack", hidden: true },
      el("p", { class: "hint", role: "status" }, say("code.sent")), field(say("code.label"), this.code), this.again);
    this.hint = el("p", { class: "hint device", hidden: true });
    this.button = el("button", { type: "submit", class: "primary", "data-act": "link.submit" });
    this.root = el("form", { hidden: true, onsubmit: (event) => this.#onSubmit(event) },
      this.nameBox, field(say("email.label"), this.email), this.codeBox, this.problem, this.hint, this.button);
  }

  get given() {
    const { asksName, asksCode } = this.#wanted;
    return {
      email: this.email.value.trim(),
      name: asksName ? this.name.value.trim() : undefined,
      code: asksCode && !this.codeBox.hidden ? this.code.value.trim() : undefined,
    };
  }

  /** Ask for `wanted` {label, asksName, asksCode, hint}; null: for nothing. */
  show(wanted) {
    this.#wanted = wanted ?? { label: "", asksName: false, asksCode: false, hint: null };
    this.root.hidden = !wanted;
    this.nameBox.hidden = this.name.disabled = !this.#wanted.asksName;
    this.name.required = this.#wanted.asksName;
    if (!this.#wanted.asksCode) this.codeBox.hidden = true;
    this.hint.hidden = this.#wanted.hint !== "device";
    if (!this.hint.hidden) setText(this.hint, say("device.hint", { device: deviceLabel() }));
    this.#nameButton();
  }

  /** Forget what was typed: it was about another link. */
  clear() {
    this.root.reset();
    this.codeBox.hidden = true;
    this.#nameButton();
  }

  /** A code is on its way: ask for it. */
  codeAsked() {
    this.codeBox.hidden = false;
    this.#nameButton();
    this.code.focus();
  }

  /** Say between fields and button what went wrong; null takes it away. */
  problemShown(refusal) {
    showRefusal(this.problem, refusal);
    for (const input of [this.email, this.code]) input.setAttribute("aria-invalid", String(refusal !== null));
  }

  #nameButton() {
    this.code.required = !this.codeBox.hidden;
    this.code.disabled = this.codeBox.hidden;
    setText(this.button, this.#needsCode ? say("code.ask") : this.#wanted.label);
  }

  get #needsCode() {
    return this.#wanted.asksCode && this.codeBox.hidden;
  }

  #onSubmit(event) {
    event.preventDefault();
    const { email, name } = this.given;
    if (!email || name === "") return;
    if (this.#needsCode) this.#askForCode(email);
    else this.#submit(this.given);
  }
}

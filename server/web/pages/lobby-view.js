/**
 * The card of somebody outside the room. Its elements stay while the page changes, so that an address half typed when
 * the countdown reaches zero is still there.
 */

import { asRefusal } from "./refusal.js";
import { el, setText, showRefusal } from "./dom.js";
import { countdownWords, instantWords, roughWords } from "./words.js";

const SPOKEN_S = [3600, 600, 60, 10];

export class LobbyView {
  #clock;
  #actions;
  #page = null;
  #timer = null;
  #spoken = undefined;
  #isBusy = false;
  #reached = null;

  /**
   * @param {import("./greenroom-client.js").ServerClock} clock
   * @param {Record<string, (email?: string) => Promise<void> | void>} actions what the pages' buttons do; `submit` hears
   *   the address typed and, where it is asked for, the name
   */
  constructor(clock, actions) {
    this.#clock = clock;
    this.#actions = actions;
    this.#build();
  }

  #build() {
    this.title = el("p", { class: "room-title" });
    this.heading = el("h1", { tabindex: -1 });
    this.sentence = el("p", { class: "sentence" });
    this.countdown = el("p", { class: "countdown", role: "timer" });
    this.when = el("p", { class: "when" });
    this.description = el("p", { class: "description" });
    this.position = el("p", { class: "position", role: "status" });
    this.quote = el("blockquote", {});
    this.email = el("input", {
      id: "email", name: "email", type: "email", required: true, maxlength: 254,
      autocomplete: "email", inputmode: "email", autocapitalize: "none", spellcheck: "false", "aria-describedby": "problem",
    });
    this.name = el("input", { id: "guest-name", name: "name", maxlength: 100, autocomplete: "name", spellcheck: "false" });
    this.nameLabel = el("label", { for: "guest-name" }, "Your name");
    this.mailedCode = el("input", {
      id: "mailed-code", name: "code", inputmode: "numeric", maxlength: 12, autocomplete: "one-time-code", "aria-describedby": "problem",
    });
    this.codeBox = el("div", { hidden: true },
      el("p", { role: "status" }, "If this is the invited address, a code of six digits is on its way to it."),
      el("label", { for: "mailed-code" }, "The code"), this.mailedCode,
      el("button", { type: "button", onclick: () => this.#askForCode() }, "Mail another code"));
    this.submit = el("button", { type: "submit", class: "primary" });
    this.form = el("form", { onsubmit: (event) => this.#onSubmit(event) },
      this.nameLabel, this.name, el("label", { for: "email" }, "Your e-mail address"), this.email, this.codeBox, this.submit);
    this.problem = el("p", { id: "problem", class: "problem", role: "alert", hidden: true });
    this.primary = el("button", { type: "button", class: "primary", onclick: () => this.#onButton("primary") });
    this.secondary = el("button", { type: "button", onclick: () => this.#onButton("secondary") });
    this.code = el("p", { class: "code" });
    this.spoken = el("p", { class: "unseen", "aria-live": "polite" });
    this.root = el("section", { class: "card", "aria-label": "Your way in" },
      this.title,
      el("div", { "aria-live": "polite", "aria-atomic": "true" }, this.heading, this.sentence),
      this.countdown, this.when, this.position, this.quote, this.form, this.problem,
      el("div", { class: "actions" }, this.primary, this.secondary),
      this.description, this.code, this.spoken);
  }

  show(page) {
    if (page.state !== this.#page?.state) {
      this.problemShown(null);
      this.#spoken = undefined;
      setText(this.spoken, "");
    }
    this.#page = page;
    this.root.dataset.state = page.state;
    if (page.code) this.root.dataset.code = page.code;
    else delete this.root.dataset.code;
    this.#fill(this.title, page.title);
    setText(this.heading, page.heading);
    this.#fill(this.sentence, page.sentence);
    this.#fill(this.when, page.starts_at_ms ? `Start: ${instantWords(page.starts_at_ms)}` : null);
    this.#fill(this.position, page.position);
    this.#fill(this.description, page.description);
    this.#fill(this.code, page.code);
    this.#showQuote(page.quote ?? null);
    this.form.hidden = !page.form;
    this.name.hidden = this.nameLabel.hidden = this.name.disabled = !page.asksName;
    this.name.required = Boolean(page.asksName);
    if (!page.asksCode) this.codeBox.hidden = true;
    this.#nameSubmit();
    this.#showButton(this.primary, page.primary);
    this.#showButton(this.secondary, page.secondary);
    this.#count();
  }

  /** Say beside the field or button what went wrong; null takes it away. */
  problemShown(refusal) {
    showRefusal(this.problem, refusal);
    this.email.setAttribute("aria-invalid", String(refusal !== null && !this.form.hidden));
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #fill(node, text) {
    node.hidden = !text;
    setText(node, text ?? "");
  }

  #showQuote(quote) {
    this.quote.hidden = quote === null;
    const text = quote === null ? "" : `${quote.from}\n${quote.text}`;
    if (this.quote.dataset.text === text) return;
    this.quote.dataset.text = text;
    this.quote.replaceChildren();
    if (quote) this.quote.append(el("span", { class: "from" }, quote.from), el("bdi", {}, quote.text));
  }

  #showButton(button, choice) {
    button.hidden = !choice;
    if (choice) setText(button, choice.label);
  }

  // From the instant and the clock each time, never by counting: every screen turns to the next second together.
  #count() {
    clearTimeout(this.#timer);
    const target_ms = this.#page.target_ms ?? null;
    this.countdown.hidden = target_ms === null;
    if (target_ms === null) return;
    const left_ms = target_ms - this.#clock.now_ms();
    setText(this.countdown, countdownWords(left_ms));
    this.#speak(left_ms);
    if (left_ms > 0) this.#timer = setTimeout(() => this.#count(), (left_ms % 1000 || 1000) + 5);
    else this.#reachZero(target_ms);
  }

  #reachZero(target_ms) {
    if (this.#reached === target_ms) return;
    this.#reached = target_ms;
    queueMicrotask(() => this.#actions.zero(this.#page.state));
  }

  // To ears the time left is told at a few marks only, and not on arriving: the page has just been read out.
  #speak(left_ms) {
    const mark_s = SPOKEN_S.findLast((each_s) => left_ms <= each_s * 1000) ?? null;
    const isNew = this.#spoken !== undefined && mark_s !== this.#spoken && left_ms > 0;
    if (isNew) setText(this.spoken, `${roughWords(left_ms)} left`);
    this.#spoken = mark_s;
  }

  #onSubmit(event) {
    event.preventDefault();
    const email = this.email.value.trim();
    const name = this.name.disabled ? undefined : this.name.value.trim();
    if (!email || name === "") return;
    if (!this.#page.asksCode) this.#run(this.submit, () => this.#actions.submit(email, name));
    else if (this.codeBox.hidden) this.#askForCode();
    else this.#run(this.submit, () => this.#actions.submit(email, name, this.mailedCode.value.trim()));
  }

  #askForCode() {
    this.#run(this.submit, async () => {
      await this.#actions.ask_for_code(this.email.value.trim());
      this.codeBox.hidden = false;
      this.#nameSubmit();
      this.mailedCode.focus();
    });
  }

  #nameSubmit() {
    const { form = "", asksCode } = this.#page;
    setText(this.submit, asksCode && this.codeBox.hidden ? "Mail me a code" : form ?? "");
  }

  #onButton(which) {
    const { action } = this.#page[which];
    this.#run(this[which], () => this.#actions[action]());
  }

  async #run(button, act) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    button.setAttribute("aria-busy", "true");
    this.problemShown(null);
    try {
      await act();
    } catch (error) {
      this.problemShown(asRefusal(error));
    } finally {
      this.#isBusy = false;
      button.removeAttribute("aria-busy");
    }
  }
}

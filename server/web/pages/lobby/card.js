/**
 * The card of somebody outside the room, as well made as an invitation. It is given what is known and shows the one state of
 * it. Its elements stay while the states change: nothing jumps, and an address half typed at zero is still there.
 */

import { problemPlace, showRefusal } from "../common/acting.js";
import { el, setText } from "../common/dom.js";
import { mayTakeFocus } from "../common/focus.js";
import { siteName } from "../common/frame.js";
import { icon } from "../common/icons.js";
import { asRefusal } from "../common/refusal.js";
import { alertNow, announce } from "../common/speaking.js";
import { roughWords } from "../common/times.js";
import { wordsOf } from "../common/words.js";
import { Countdown } from "./countdown.js";
import { EMBLEMS, QUIET, WAITING } from "./emblems.js";
import { ProofForm } from "./form.js";
import { pageOf } from "./pages.js";
import { writeWhen } from "./when.js";

const say = await wordsOf("lobby");
const LONG_TITLE_CHARS = 48;
const site = document.documentElement.dataset;
/** What a button does, for whoever looks for it in any language. */
const ACTS = { knock: "lobby.knock", reopen: "session.reopen", withdraw: "lobby.withdraw", restart: "lobby.restart", enter_address: "link.enter_address" };

export class LobbyCard extends HTMLElement {
  #clock;
  #actions;
  #named;
  #isPreview;
  #page = null;
  #known = null;
  #isBusy = false;
  #reached_ms = null;
  #told = null;

  /**
   * @param {object} options
   * @param {{now_ms: () => number}} options.clock the server's
   * @param {Record<string, (...given: any[]) => Promise<void> | void>} options.actions what the buttons do; `submit` hears the
   *   address, and where they are asked for the name and the code; `ask_for_code` answers whether it was
   *   mailed; `zero` hears in which state a countdown has ended
   * @param {(words: {state: string, title: string | null}) => void} options.named hears what the tab is to be called
   * @param {boolean} options.isPreview only shown: no button does anything, nothing is read out, the focus stays where it is
   */
  constructor({ clock, actions = {}, named = () => {}, isPreview = false }) {
    super();
    this.#clock = clock;
    this.#actions = actions;
    this.#named = named;
    this.#isPreview = isPreview;
    this.className = "card invitation";
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", say("your_way_in"));
    this.append(...this.#parts(isPreview ? "preview-" : ""));
    if (isPreview) this.#makeInert();
  }

  #parts(prefix) {
    this.roomTitle = el("p", { class: "room-title", dir: "auto" });
    this.when = el("p", { class: "when" });
    this.emblem = el("div", { class: "emblem", "aria-hidden": "true" });
    this.heading = el(this.#isPreview ? "h3" : "h1", { tabindex: -1 });
    this.sentence = el("p", { class: "sentence" });
    this.position = el("p", { class: "position", role: "status" });
    this.quote = el("blockquote", { hidden: true });
    this.note = el("p", { class: "note", hidden: true });
    this.problem = problemPlace();
    this.description = el("section", { class: "details", hidden: true }, el("h2", {}, say("details")), el("p", { dir: "auto" }));
    this.code = el("p", { class: "code" });
    this.countdown = new Countdown({ clock: this.#clock, isSilent: this.#isPreview, turned: (left_ms) => this.#onTurn(left_ms) });
    this.form = new ProofForm({
      prefix,
      submit: ({ email, name, code }) => this.#run(this.form.button, () => this.#actions.submit(email, name, code)),
      askForCode: (email) => this.#run(this.form.button, () => this.#askForCode(email)),
    });
    this.primary = el("button", { type: "button", class: "primary", onclick: () => this.#onButton("primary") });
    this.secondary = el("button", { type: "button", onclick: () => this.#onButton("secondary") });
    return [
      el("div", { class: "occasion" }, invitingSite(), this.roomTitle, this.when),
      el("div", { class: "standing" }, this.emblem, this.heading, this.countdown.root, this.position, this.sentence),
      this.quote, this.note, this.form.root, this.problem, el("div", { class: "actions" }, this.primary, this.secondary),
      this.description, this.code,
    ];
  }

  // As the invitee sees it, and still there for the keyboard and for ears: so neither `inert` nor `disabled`.
  #makeInert() {
    this.dataset.preview = "";
    for (const input of this.querySelectorAll("input")) input.readOnly = true;
    for (const button of this.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
    for (const name of ["click", "submit"]) {
      this.addEventListener(name, (event) => { event.preventDefault(); event.stopPropagation(); }, { capture: true });
    }
  }

  connectedCallback() {
    if (this.#known) this.show(this.#known);
  }

  disconnectedCallback() {
    this.countdown.stop();
    this.#told = null;
  }

  /** The state that it shows; null before the first. */
  get state() {
    return this.#page?.state ?? null;
  }

  /** Show the state of what is known (see `states.js` and `pages.js`). */
  show(known) {
    this.#known = known;
    const page = pageOf({ now_ms: this.#clock.now_ms(), ...known });
    const wasTyping = this.#isTyping();
    const isOther = page.state !== this.state;
    this.#page = page;
    this.#write(page);
    if (isOther) this.problemShown(null);
    if (!this.#isPreview && this.isConnected) this.#tell(page, wasTyping);
  }

  #write(page) {
    this.dataset.state = page.state;
    this.toggleAttribute("data-waits", WAITING.has(page.state) || Boolean(page.isOver));
    if (page.code) this.dataset.code = page.code;
    else delete this.dataset.code;
    fill(this.roomTitle, page.room?.title);
    this.roomTitle.toggleAttribute("data-long", (page.room?.title?.length ?? 0) > LONG_TITLE_CHARS);
    writeWhen(this.when, page.room?.starts_at_ms ?? null);
    this.#writeEmblem(page);
    setText(this.heading, page.heading);
    fill(this.sentence, page.sentence);
    fill(this.position, page.position);
    fill(this.note, page.note);
    fill(this.code, page.code);
    this.#writeQuote(page.quote ?? null);
    this.description.hidden = !page.room?.description;
    setText(this.description.lastChild, page.room?.description ?? "");
    this.form.show(page.form ?? null);
    this.#writeButton(this.primary, page.primary);
    this.#writeButton(this.secondary, page.secondary);
    this.countdown.show(page.target_ms ?? null);
    if (page.target_ms === undefined || page.target_ms === null) this.#nameTab(page.tab ?? page.heading);
  }

  #writeEmblem({ state, place = null, isOver = false }) {
    const drawing = isOver ? EMBLEMS.admitted : EMBLEMS[state] ?? "";
    const shown = place === null ? drawing : String(place);
    this.emblem.hidden = shown === "";
    if (this.emblem.dataset.shown === shown) return;
    this.emblem.dataset.shown = shown;
    this.emblem.replaceChildren(...(shown === "" ? [] : [place === null ? icon(shown) : el("b", { class: "clock" }, shown)]));
  }

  #writeQuote(quote) {
    this.quote.hidden = quote === null;
    const text = quote === null ? "" : `${quote.from}\n${quote.text}`;
    if (this.quote.dataset.text === text) return;
    this.quote.dataset.text = text;
    this.quote.replaceChildren();
    if (quote) this.quote.append(el("span", { class: "from" }, quote.from), el("bdi", {}, quote.text));
  }

  #writeButton(button, choice) {
    button.hidden = !choice;
    if (!choice) return;
    setText(button, choice.label);
    button.dataset.act = ACTS[choice.action];
  }

  // ── Ears and focus ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Say beside the field or button what went wrong; null takes it away. */
  problemShown(refusal) {
    const isOfForm = !this.form.root.hidden;
    showRefusal(this.problem, isOfForm ? null : refusal);
    this.form.problemShown(isOfForm ? refusal : null);
  }

  #isTyping() {
    const { activeElement } = document;
    return activeElement?.localName === "input" && this.contains(activeElement);
  }

  // The heading is read as it gets the focus. Who is typing keeps it, and hears the heading in a pause.
  #tell({ state, heading, sentence }, wasTyping) {
    if (this.#told === state + heading) return;
    this.#told = state + heading;
    const keepsFocus = (wasTyping && this.#isTyping() && !this.form.root.hidden) || !mayTakeFocus(this);
    if (!keepsFocus) this.heading.focus();
    const words = [heading, sentence].filter(Boolean).join(". ");
    if (!QUIET.has(state)) alertNow(words);
    else announce(keepsFocus ? words : sentence);
  }

  #nameTab(state) {
    this.#named({ state, title: this.#page.room?.title ?? null });
  }

  #onTurn(left_ms) {
    this.#nameTab(left_ms > 0 ? say("tab.countdown", { time: roughWords(left_ms) }) : this.#page.heading);
    const { target_ms, state } = this.#page;
    if (left_ms > 0) this.#reached_ms = null; // also again, where the tab's clock had run ahead
    if (left_ms > 0 || this.#reached_ms === target_ms) return;
    this.#reached_ms = target_ms;
    queueMicrotask(() => this.#actions.zero?.(state));
  }

  // ── Acting ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #askForCode(email) {
    if (await this.#actions.ask_for_code(email)) this.form.codeAsked();
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

customElements.define("greenroom-card", LobbyCard);

function invitingSite() {
  const mark = site.siteLogo ? el("img", { src: site.siteLogo, alt: siteName }) : siteName;
  return el("header", { class: "from" }, el("span", { class: "brand" }, mark), site.siteWelcome ? el("p", { class: "welcome", dir: "auto" }, site.siteWelcome) : null);
}

function fill(node, text) {
  node.hidden = !text;
  setText(node, text ?? "");
}

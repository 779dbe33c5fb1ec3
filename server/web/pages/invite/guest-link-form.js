/** A guest link's name and limits: for a new one, or for one that is there. */

import { attempt, problemPlace } from "../common/acting.js";
import { el, field, setText } from "../common/dom.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("guests");
const sayCommon = await wordsOf("common");
const MOST_CLICKS = 1_000_000;
const MOST_DAYS = 365;
const DAY_MS = 86_400_000;

export class GuestLinkForm {
  #before = null;

  /** @param {{onSubmit: (wanted: object) => Promise<void>, onCancel: () => void}} actions */
  constructor({ onSubmit, onCancel }) {
    const number = (id, most) => el("input", { id, type: "number", min: 1, max: most, step: 1, inputmode: "numeric", placeholder: say("no_limit") });
    this.heading = el("h3", {}, say("new"));
    this.name = el("input", { id: "guest-name", required: true, maxlength: 100, autocomplete: "off", placeholder: say("name.example") });
    this.clicks = number("guest-clicks", MOST_CLICKS);
    this.days = number("guest-days", MOST_DAYS);
    this.problem = problemPlace();
    this.submit = el("button", { type: "submit", class: "primary", "data-act": "guest.create" }, say("create"));
    this.cancel = el("button", { type: "button", class: "plain", hidden: true, onclick: onCancel }, sayCommon("cancel"));
    this.root = el("form", { class: "guest-form", onsubmit: async (event) => {
      event.preventDefault();
      await attempt(this.problem, () => onSubmit(this.#wanted()));
    } },
    this.heading, field(say("name"), this.name),
    el("div", { class: "pair" }, field(say("max_clicks"), this.clicks), field(say("valid_days"), this.days)),
    this.problem, el("div", { class: "actions" }, this.submit, this.cancel));
  }

  /** Show `link` to be changed; null: a new one. */
  edit(link, now_ms = 0) {
    this.root.reset();
    const left_ms = link?.expires_at_ms ? link.expires_at_ms - now_ms : 0;
    this.#before = { days: left_ms > 0 ? String(Math.ceil(left_ms / DAY_MS)) : "" };
    this.name.value = link?.name ?? "";
    this.clicks.value = link?.max_clicks ?? "";
    this.days.value = this.#before.days;
    this.cancel.hidden = link === null;
    setText(this.heading, link ? say("edit.heading") : say("new"));
    setText(this.submit, link ? say("save") : say("create"));
    this.submit.dataset.act = link ? "guest.save" : "guest.create";
    this.isEditing = link !== null;
  }

  focus() {
    this.name.focus();
  }

  /** Days count from now, so what was left alone is not sent. */
  #wanted() {
    const wanted = { name: this.name.value.trim(), max_clicks: Number(this.clicks.value) || 0, valid_days: Number(this.days.value) || 0 };
    if (this.isEditing && this.days.value === this.#before.days) delete wanted.valid_days;
    return wanted;
  }
}

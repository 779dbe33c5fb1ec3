/** What follows on an invitation: its link, what it is good for, and the next one. */

import { el, setText } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { roleWithArticle } from "../common/roles.js";
import { wordsOf } from "../common/words.js";
import { linkField } from "./copying.js";

const say = await wordsOf("invite");

export class LinkStep {
  /** @param {{onAgain: () => void, onDone: () => void}} actions */
  constructor({ onAgain, onDone }) {
    this.heading = el("h3", { tabindex: -1, id: "invite-ready" });
    this.field = linkField({ id: "invite-link", act: "invite.copy" });
    this.facts = el("ul", { class: "link-facts" });
    this.root = el("div", { class: "stack link-step", "data-step": "link", hidden: true },
      this.heading, this.field.root, this.facts,
      el("div", { class: "actions" },
        el("button", { type: "button", "data-act": "invite.again", onclick: onAgain }, icon("invite"), say("again")),
        el("button", { type: "button", class: "plain", "data-act": "invite.done", onclick: onDone }, say("done"))));
  }

  /** @param {{name: string, email: string, role: string, link: string, isReplacing: boolean, isMailed: boolean, link_devices: number | null}} made
   *   `link_devices`: null where that is not known here */
  show({ name, email, role, link, isReplacing, isMailed, link_devices }) {
    setText(this.heading, say("ready", { name }));
    this.field.show(link);
    const facts = [
      ["shield", say("comes_as", { role: roleWithArticle(role), email })],
      link_devices !== null && ["device", deviceWords(link_devices)],
      isReplacing && ["link", say("replaced")],
      isMailed && ["mail", say("mailed", { email })],
    ].filter(Boolean);
    this.facts.replaceChildren(...facts.map(([name, words]) => el("li", {}, icon(name), el("span", {}, words))));
    this.root.hidden = false;
    this.heading.focus();
  }

  /** Away with it, and with the link. */
  hide() {
    this.root.hidden = true;
    this.field.show("");
  }
}

function deviceWords(count) {
  if (count === 1) return say("devices.one");
  return count === -1 ? say("devices.any") : say("devices.some", { count });
}

/** One person in the line, as hosts see them: who they are, why and how long they wait, in or not. */

import { actionButton } from "../common/acting.js";
import { el, nameNode, setText } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { roleWord } from "../common/roles.js";
import { roughWords } from "../common/times.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("line");
const HOLDS = new Set(["removed", "sent_back", "declined"]);
const JUST_NOW_MS = 20_000;

export class WaiterRow {
  #looks = null;

  /** @param {{problem: HTMLElement, admit: () => Promise<void>, decline: () => Promise<void>, onPick: () => void}} owner */
  constructor(waiter, { problem, admit, decline, onPick }) {
    const { participant_id, name } = waiter;
    this.pick = el("input", { type: "checkbox", "data-act": "lobby.pick", "aria-label": say("pick", { name }), onchange: onPick });
    this.line = el("span", { class: "line" });
    this.facts = el("span", { class: "facts" });
    this.acts = el("div", { class: "acts" },
      actionButton(say("admit"), problem, admit, { "data-act": "lobby.admit", class: "small", "aria-label": say("admit.name", { name }) }),
      actionButton(icon("close"), problem, decline, {
        "data-act": "lobby.decline", class: "icon-only", "aria-label": say("decline.name", { name }), title: say("decline"),
      }));
    this.node = el("li", { "data-participant-id": participant_id },
      el("label", { class: "picked" }, this.pick, el("span", { class: "who" }, this.line, this.facts)), this.acts);
  }

  update(waiter, { now_ms, mayAdmit, canPick }) {
    this.acts.hidden = !mayAdmit;
    this.pick.hidden = !mayAdmit || !canPick;
    const looks = JSON.stringify([waiter.name, waiter.unverified]);
    if (looks !== this.#looks) {
      this.#looks = looks;
      const name = nameNode(waiter.name);
      name.title = waiter.name;
      const mark = waiter.unverified && el("span", { class: "badge warn", title: say("unverified.why") }, say("unverified"));
      this.line.replaceChildren(...[name, mark].filter(Boolean));
    }
    setText(this.facts, [
      waiter.role === "viewer" ? null : roleWord(waiter.role),
      HOLDS.has(waiter.hold) ? say(`hold.${waiter.hold}`) : null,
      waitingWords(now_ms - waiter.waiting_since_ms),
      waiter.email ?? waiter.claimed_email,
    ].filter(Boolean).join(" · "));
  }
}

function waitingWords(waited_ms) {
  return waited_ms < JUST_NOW_MS ? say("waits.new") : say("waits", { time: roughWords(waited_ms) });
}

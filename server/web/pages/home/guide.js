/** A short way through what there is to see; a step is done when it happened in the room, whoever did it and where. */

import { INVITEE, demoName, ATTENDEE } from "./demo.js";
import { actionButton, copyFrom, problemPlace } from "../common/acting.js";
import { el, setText } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { icon } from "../common/icons.js";
import { notify } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("home");
const HOSTS = new Set(["moderator", "manager"]);

/**
 * Of each step: whether it has happened; whom it is about; how this page can do it in Maya's place, where it can. `variant`: another
 * hint than the step's own.
 */
const STEPS = {
  admit: {
    variant: ({ room }) => (room.phase === "scheduled" ? "start" : "admit"),
    isDone: ({ room, participants }) => room.phase !== "scheduled" && participants.some(isNoManager),
    whom: ({ waiters }) => waiters?.[0],
    canShow: ({ room, waiterCount }) => room.phase === "scheduled" || waiterCount > 0,
    show: (client) => (client.room.phase === "scheduled" ? client.command("session.start") : client.command("lobby.admit_all")),
  },
  promote: {
    isDone: ({ participants }) => participants.some((person) => isNoManager(person) && HOSTS.has(person.role)),
    whom: ({ participants }) => participants.find(isNoManager),
    canShow: ({ participants }) => participants.some(isNoManager),
    show: (client) => client.command("role.change", {
      participant_id: client.participants.find(isNoManager).participant_id, role: "moderator",
    }),
  },
  claim: {
    isDone: ({ invitations }) => Boolean(invitations?.some(({ email, claimed_at_ms }) => email === INVITEE.email && claimed_at_ms !== null)),
  },
  meet: {
    isDone: ({ participants }) => participants.some(({ email, claimed_email }) => [email, claimed_email].includes(INVITEE.email)),
  },
};
/** Where only invited people come in, Alex stays outside and the way begins with the invitation. */
const WAYS = { members: ["admit", "promote", "claim", "meet"], invited: ["claim", "admit", "promote"] };

function isNoManager({ standing, role }) {
  return standing === null && role !== "manager";
}

export class Guide extends RoomElement {
  #done = new Set();
  /** @type {keyof typeof WAYS} */
  access = "members";

  build() {
    this.keys = WAYS[this.access] ?? WAYS.members;
    this.problem = problemPlace();
    this.list = el("ol", { class: "steps" }, ...this.keys.map((key, index) => el("li", { "data-step": key },
      el("span", { class: "number", "aria-hidden": "true" }, String(index + 1)),
      el("span", { class: "label" }, say(`step.${key}`)),
      el("span", { class: "unseen" }))));
    this.hint = el("p", { class: "step-hint", "aria-live": "polite" });
    this.show = actionButton(say("show_me"), this.problem, () => STEPS[this.current]?.show(this.client), { "data-act": "guide.show" });
    this.address = el("input", { class: "unseen", value: INVITEE.email, readonly: true, tabindex: -1, "aria-hidden": "true" });
    this.copy = el("button", { type: "button", "data-act": "guide.copy", onclick: () => this.#copyAddress() }, icon("copy"), say("copy_address"));
    this.append(el("section", { class: "guide", "aria-label": say("guide") },
      this.list, this.hint, this.show, this.copy, this.address,
      el("button", {
        type: "button", class: "icon-only", "aria-label": say("hide_guide"), title: say("hide_guide"), "data-act": "guide.hide",
        onclick: () => this.#hide(),
      }, icon("close")),
      this.problem));
  }

  get current() {
    return this.keys.find((key) => !this.#done.has(key)) ?? null;
  }

  render() {
    const { client } = this;
    if (client.place !== "inside") return;
    for (const key of this.keys) if (STEPS[key].isDone(client)) this.#done.add(key);
    const { current } = this;
    const step = current && STEPS[current];
    for (const node of this.list.children) {
      const isDone = this.#done.has(node.dataset.step);
      node.dataset.done = String(isDone);
      if (node.dataset.step === current) node.setAttribute("aria-current", "step");
      else node.removeAttribute("aria-current");
      setText(node.lastChild, isDone ? say("done") : "");
    }
    this.dataset.step = current ?? "end";
    setText(this.hint, say(`hint.${current === null ? "end" : step.variant?.(client) ?? current}`, {
      email: INVITEE.email, name: step?.whom?.(client)?.name ?? demoName(ATTENDEE),
    }));
    this.show.hidden = !step?.canShow?.(client);
    this.copy.hidden = current !== "claim";
  }

  async #copyAddress() {
    notify(await copyFrom(this.address) ? say("address_copied") : INVITEE.email, { key: "copied" });
  }

  /** Maya's connection from this page is of no more use then. */
  #hide() {
    this.client.disconnect();
    this.remove();
  }
}

customElements.define("greenroom-guide", Guide);

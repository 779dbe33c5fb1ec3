/** Devices that ask to take over a link, each with a yes and a no. */

import { actionButton } from "../common/acting.js";
import { el, nameNode, syncRows } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { roleWord } from "../common/roles.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("line");

export class DeviceRequests {
  #owner;

  /** @param {{client: () => object, problem: HTMLElement, fallback: HTMLElement}} owner */
  constructor(owner) {
    this.#owner = owner;
    this.root = el("ul", { class: "requests", id: "device-requests", "aria-label": say("devices"), hidden: true });
  }

  show(requests) {
    this.root.hidden = requests.length === 0;
    syncRows(this.root, requests, {
      keyOf: ({ request_id }) => request_id,
      create: (request) => this.#create(request),
      update: () => {},
      fallback: this.#owner.fallback,
    });
  }

  #create({ invitation_id, request_id, name, email, role, label }) {
    const answer = (type) => () => this.#owner.client().command(type, { invitation_id, request_id });
    const sentence = el("p", {}, icon("device"), el("span", {}, nameNode(name), " ", say("device.asks")));
    const facts = [email, roleWord(role), label && say("device.label", { label })].filter(Boolean).join(" · ");
    return el("li", { "data-request-id": request_id },
      el("div", { class: "who" }, sentence, el("span", { class: "facts" }, facts)),
      el("div", { class: "actions" },
        ...["device.allow", "device.refuse"].map((type) => actionButton(say(type), this.#owner.problem, answer(type), {
          class: type === "device.allow" ? "primary" : null, "data-act": type, "aria-label": say(`${type}.name`, { name }),
        }))));
  }
}

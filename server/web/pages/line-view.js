/** The line as hosts see it: who waits, devices that ask, what the lobby reads. */

import { actionButton, ask, attempt, el, nameNode, problemPlace, setText, syncRows } from "./dom.js";
import { ROLE_WORDS, countWords } from "./words.js";

const HOLD_WORDS = { removed: "was removed before", sent_back: "was moved here by a host", declined: "was declined before" };
const SHOWN = 100;

export class LineView {
  #client;

  constructor(client) {
    this.#client = client;
    this.problem = problemPlace();
    this.heading = el("h2", { id: "line-heading", tabindex: -1 });
    this.count = el("p", { class: "unseen", "aria-live": "polite" });
    this.admitAll = actionButton("Admit all", this.problem, () => client.command("lobby.admit_all"), { class: "primary" });
    this.list = el("ul", { class: "rows", id: "waiters", "aria-labelledby": "line-heading" });
    this.more = el("p", { class: "quiet" });
    this.requests = el("ul", { class: "rows requests", id: "device-requests", "aria-label": "Devices that ask" });
    this.#buildMessage();
    this.root = el("section", { class: "card", "aria-labelledby": "line-heading" },
      el("div", { class: "section-head" }, this.heading, this.admitAll),
      this.count, this.problem, this.requests, this.list, this.more, this.messageForm);
  }

  #buildMessage() {
    this.message = el("input", { id: "lobby-message", maxlength: 500, placeholder: "Nothing yet" });
    const send = (text) => attempt(this.problem, () => this.#client.command("lobby.message", { text }));
    this.clear = el("button", { type: "button", onclick: () => send(null) }, "Clear");
    this.messageForm = el("form", { onsubmit: (event) => {
      event.preventDefault();
      send(this.message.value.trim() || null);
    } },
    el("label", { for: "lobby-message" }, "Message to the lobby"),
    el("div", { class: "with-button" }, this.message, el("button", { type: "submit" }, "Send"), this.clear));
  }

  render() {
    const { waiters, waiterCount, deviceRequests: requests } = this.#client;
    this.root.hidden = waiters === null && requests === null;
    if (this.root.hidden) return;
    this.#renderWaiters(waiters ?? [], waiterCount ?? 0);
    syncRows(this.requests, requests ?? [], {
      keyOf: ({ request_id }) => request_id,
      create: (request) => this.#createRequest(request),
      update: () => {},
      fallback: this.heading,
    });
    this.requests.hidden = !requests?.length;
    this.#renderMessage(this.#client);
  }

  #renderWaiters(waiters, total) {
    const mayAdmit = this.#client.may("admit");
    setText(this.heading, `Waiting (${total})`);
    setText(this.count, total ? `${countWords(total, "person waits", "people wait")} to be let in.` : "Nobody waits.");
    this.admitAll.hidden = waiters.length < 2 || !mayAdmit;
    syncRows(this.list, waiters.slice(0, SHOWN), {
      keyOf: ({ participant_id }) => participant_id,
      create: (waiter) => this.#createWaiter(waiter),
      update: (node, waiter) => this.#updateWaiter(node, waiter, mayAdmit),
      fallback: this.heading,
    });
    this.list.hidden = waiters.length === 0;
    this.more.hidden = total > 0 && total <= SHOWN;
    setText(this.more, total ? `and ${total - SHOWN} more` : "Nobody waits.");
  }

  #createWaiter({ participant_id, name }) {
    const admit = actionButton("Admit", this.problem,
      () => this.#client.command("lobby.admit", { participant_ids: [participant_id] }), { class: "primary small", "aria-label": `Admit ${name}` });
    const decline = actionButton("Decline…", this.problem,
      () => this.#decline(participant_id), { class: "small", "aria-label": `Decline ${name}` });
    return el("li", { "data-participant-id": participant_id },
      el("div", { class: "who" }), el("div", { class: "actions" }, admit, decline));
  }

  #updateWaiter(node, waiter, mayAdmit) {
    const facts = [
      waiter.role === "viewer" ? null : ROLE_WORDS[waiter.role],
      waiter.email,
      waiter.unverified ? "unverified" : null,
      HOLD_WORDS[waiter.hold] ?? null,
    ].filter(Boolean).join(" · ");
    node.querySelector(".actions").hidden = !mayAdmit;
    const shown = JSON.stringify([waiter.name, facts]);
    if (node.dataset.shown === shown) return;
    node.dataset.shown = shown;
    node.querySelector(".who").replaceChildren(nameNode(waiter.name), el("span", { class: "facts" }, facts));
  }

  async #decline(participantId) {
    const name = this.#client.waiters?.find((row) => row.participant_id === participantId)?.name ?? "this person";
    const message = await ask({
      heading: `Decline ${name}?`,
      sentence: "They can ask once more.",
      field: "Message to them (optional)",
      confirm: "Decline",
    });
    if (message === null) return;
    await this.#client.command("lobby.decline", { participant_id: participantId, message: message || null });
  }

  #createRequest({ invitation_id, request_id, name, email, role, label }) {
    const answer = (type) => this.#client.command(type, { invitation_id, request_id });
    return el("li", { "data-request-id": request_id },
      el("div", { class: "who" },
        el("span", {}, nameNode(name), " asks to use another device"),
        el("span", { class: "facts" }, [email, ROLE_WORDS[role], label && `it says: ${label}`].filter(Boolean).join(" · "))),
      el("div", { class: "actions" },
        actionButton("Allow", this.problem, () => answer("device.allow"), { class: "primary small", "aria-label": `Allow the device of ${name}` }),
        actionButton("Refuse", this.problem, () => answer("device.refuse"), { class: "small", "aria-label": `Refuse the device of ${name}` })));
  }

  #renderMessage({ room }) {
    const text = room.lobby_message ?? "";
    this.clear.hidden = !text;
    if (this.message.dataset.sent === text) return;
    this.message.dataset.sent = text;
    if (document.activeElement !== this.message || this.message.value.trim() === text) this.message.value = text;
  }
}

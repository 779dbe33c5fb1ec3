/** A room's guest links, for managers: links for anybody, as a viewer, each with its limits and how often it was used. */

import { actionButton, attempt, problemPlace } from "../common/acting.js";
import { ask, openDialog } from "../common/dialog.js";
import { el, nameNode, setText, syncRows } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { keepingFocus } from "../common/focus.js";
import { icon } from "../common/icons.js";
import { menu, setChoices } from "../common/menu.js";
import { shortInstant } from "../common/times.js";
import { wordsOf } from "../common/words.js";
import { copyLink } from "./copying.js";
import { GuestLinkForm } from "./guest-link-form.js";

const say = await wordsOf("guests");
const MOST = 3;
const rowParts = new WeakMap();

/** Open the dialog; it follows the room as long as it is open. */
export function openGuestLinks(client) {
  const links = el("greenroom-guest-links");
  links.client = client;
  return openDialog({ heading: say("heading"), body: [links], id: "guest-links-dialog" });
}

class GuestLinks extends RoomElement {
  #editing = null;

  build() {
    this.classList.add("stack");
    this.problem = problemPlace();
    this.access = el("input", { id: "guest-access", type: "checkbox", role: "switch", "data-act": "guest.access", onchange: () => this.#setAccess() });
    this.list = el("ul", { class: "rows", id: "guest-links", "aria-label": say("heading") });
    this.empty = el("p", { class: "quiet" }, say("empty"));
    this.full = el("p", { class: "quiet" }, say("full", { count: MOST }));
    this.form = new GuestLinkForm({ onSubmit: (wanted) => this.#submit(wanted), onCancel: () => this.#edit(null) });
    this.append(
      el("p", {}, say("means")),
      el("p", { class: "check" }, this.access, el("label", { for: this.access.id }, say("access"), el("span", { class: "hint" }, say("access.hint")))),
      this.problem, this.list, this.empty, this.full, this.form.root);
  }

  render() {
    const { guestLinks, room } = this.client;
    if (guestLinks === null || room === null) this.#close();
    else keepingFocus(this, () => this.#render(guestLinks, room), this.access);
  }

  // They are not for this person any more.
  #close() {
    this.list.replaceChildren();
    this.closest("dialog")?.close();
  }

  #render(guestLinks, room) {
    if (!this.access.getAttribute("aria-busy")) this.access.checked = room.guest_access;
    this.empty.hidden = guestLinks.length > 0 || !room.guest_access;
    this.full.hidden = guestLinks.length < MOST;
    if (this.#editing && !guestLinks.some(({ guest_link_id }) => guest_link_id === this.#editing)) this.#edit(null);
    this.form.root.hidden = (guestLinks.length >= MOST || !room.guest_access) && this.#editing === null;
    this.list.classList.toggle("off", !room.guest_access);
    syncRows(this.list, [...guestLinks].sort((a, b) => a.created_at_ms - b.created_at_ms), {
      keyOf: ({ guest_link_id }) => guest_link_id,
      create: (link) => this.#create(link),
      update: (node, link) => this.#update(node, link),
      fallback: this.access,
    });
  }

  #create(link) {
    const made = {
      name: el("span", { class: "line" }), clicks: el("span", { class: "facts clicks" }), limits: el("span", { class: "facts" }), shownName: null,
      menu: menu(null, say("actions", { name: link.name })),
    };
    const copy = actionButton([icon("copy"), say("copy")], this.problem, () => this.#copy(made.link), { "data-act": "guest.copy" });
    const node = el("li", { "data-guest-link-id": link.guest_link_id },
      el("div", { class: "who" }, made.name, made.clicks, made.limits), el("div", { class: "row-acts" }, copy, made.menu.root));
    rowParts.set(node, made);
    return node;
  }

  #update(node, link) {
    const made = rowParts.get(node);
    made.link = link;
    if (made.shownName !== link.name) made.name.replaceChildren(nameNode(link.name));
    made.shownName = link.name;
    const { clicks, max_clicks, expires_at_ms } = link;
    const isUsedUp = max_clicks !== null && clicks >= max_clicks;
    const isOver = expires_at_ms !== null && expires_at_ms <= this.client.now();
    node.dataset.clicks = String(clicks);
    setText(made.clicks, max_clicks === null ? say("clicks", { count: clicks }) : say("clicks_of", { clicks, count: max_clicks }));
    setText(made.limits, isUsedUp ? say("used_up") : isOver ? say("over") : expires_at_ms === null ? "" : say("until", { time: shortInstant(expires_at_ms) }));
    made.limits.classList.toggle("wrong", isUsedUp || isOver);
    setChoices(made.menu, [
      { key: "guest.edit", label: say("edit"), icon: "settings", act: () => this.#edit(made.link) },
      { key: "guest.off", label: say("off"), icon: "close", danger: true, act: () => this.#switchOff(made.link) },
    ]);
  }

  #edit(link) {
    this.#editing = link?.guest_link_id ?? null;
    this.form.edit(link, this.client.now());
    this.renderSoon();
    if (link) this.form.focus();
  }

  async #submit(wanted) {
    const guest_link_id = this.#editing;
    const { client } = this;
    if (guest_link_id !== null) {
      await client.command("guest_link.edit", { guest_link_id, ...wanted });
      this.#edit(null);
      return;
    }
    const { link } = await client.command("guest_link.create", wanted);
    this.form.edit(null);
    await copyLink(link, say("link_of", { name: wanted.name }));
  }

  async #copy({ guest_link_id, name }) {
    const { link } = await this.client.command("guest_link.link", { guest_link_id });
    await copyLink(link, say("link_of", { name }));
  }

  async #switchOff({ guest_link_id, name }) {
    const yes = await ask({ heading: say("off.ask", { name }), sentence: say("off.means"), confirm: say("off"), danger: true });
    if (yes !== null) await attempt(this.problem, () => this.client.command("guest_link.delete", { guest_link_id }));
  }

  async #setAccess() {
    this.access.setAttribute("aria-busy", "true");
    await attempt(this.problem, () => this.client.command("room.edit", { guest_access: this.access.checked }));
    this.access.removeAttribute("aria-busy");
    this.renderSoon();
  }
}

customElements.define("greenroom-guest-links", GuestLinks);

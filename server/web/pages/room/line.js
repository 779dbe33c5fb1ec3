/** The line as hosts see it: who waits, devices that ask, what the lobby reads. */

import { actionButton, problemPlace } from "../common/acting.js";
import { ask } from "../common/dialog.js";
import { el, setText, syncRows } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { keepingFocus } from "../common/focus.js";
import { icon } from "../common/icons.js";
import { wordsOf } from "../common/words.js";
import { admit } from "./admitting.js";
import { DeviceRequests } from "./device-requests.js";
import { LobbyMessage } from "./lobby-message.js";
import { searchField } from "./search-field.js";
import { WaiterRow } from "./waiter-row.js";

const say = await wordsOf("line");
const SHOWN = 100;
const SEARCH_PAUSE_MS = 250;
const SEARCH_AGAIN_MS = 2_000; // of a line that moves
const RETELL_MS = 15_000; // how long they wait is told in minutes

class Line extends RoomElement {
  #rows = new Map();
  #timer = null;
  #searchTimer = null;
  #foundOf = null; // how many waited then
  #found = null; // of a long line, what a search on the server answered
  /** The notice and its sound, which can be muted here. */
  arrivals = null;
  /** What has the focus next where it was here and the line is shown no more. */
  after = () => null;

  build() {
    this.problem = problemPlace();
    this.count = el("span", { class: "count clock" });
    this.heading = el("h2", { id: "line-heading", tabindex: -1 }, el("span", {}, say("waiting"), " "), this.count);
    this.mute = el("button", { type: "button", class: "icon-only", "data-act": "sound.mute", onclick: () => this.#toggleSound() });
    this.why = el("p", { class: "quiet" });
    this.admit = actionButton("", this.problem, () => this.#admitPicked(), { class: "primary" });
    this.all = el("input", { type: "checkbox", id: "pick-all", "data-act": "lobby.pick_all", onchange: () => this.#pickAll() });
    this.picking = el("div", { class: "check" }, this.all, el("label", { for: "pick-all" }, say("pick.all")), this.admit);
    this.filter = searchField("line-filter", say("find"), () => this.#onSearch());
    this.list = el("ul", { class: "rows people", id: "waiters", "aria-labelledby": "line-heading" });
    this.more = el("p", { class: "quiet", hidden: true });
    this.devices = new DeviceRequests({ client: () => this.client, problem: this.problem, fallback: this.heading });
    this.message = new LobbyMessage(() => this.client);
    this.append(
      el("div", { class: "section-head" }, this.heading, this.mute),
      this.why, this.problem, this.devices.root, this.picking, this.filter, this.list, this.more, this.message.root);
  }

  render() {
    const { client } = this;
    const { waiters, waiterCount, deviceRequests, room } = client;
    clearTimeout(this.#timer);
    this.hidden = !client.may("see_line") || !room;
    if (this.hidden) return this.#forget();
    const total = waiterCount ?? 0;
    keepingFocus(this, () => this.#renderWaiters(this.#shown(waiters ?? [], total), total), this.heading);
    this.devices.show(deviceRequests ?? []);
    this.message.show(room);
    this.message.root.hidden = total === 0 && !room.lobby_message && !room.locked && room.phase !== "scheduled";
    this.#showSound(total);
    setText(this.count, String(total));
    setText(this.why, this.#whyWords(room, total));
    if (total > 0) this.#timer = setTimeout(() => this.render(), RETELL_MS);
  }

  // Who waits is not for this person any more, so nothing of it stays in the page.
  #forget() {
    keepingFocus(this, () => {
      this.list.replaceChildren();
      this.#rows.clear();
      this.devices.show([]);
      this.filter.value = "";
      this.#found = null;
    }, this.after());
  }

  #whyWords(room, total) {
    if (room.phase === "scheduled") return say(total ? "why.early" : "why.early_none");
    if (room.locked) return say(total ? "why.locked" : "why.locked_none");
    return say(total ? "why.full" : "why.none");
  }

  // A long line comes as its head alone; who is further back is found by the server.
  #shown(waiters, total) {
    const search = this.filter.value.trim().toLowerCase();
    if (!search) return waiters.slice(0, SHOWN);
    if (total > waiters.length) {
      if (total !== this.#foundOf) this.#searchTimer ??= setTimeout(() => this.#find(), SEARCH_AGAIN_MS);
      return this.#found ?? [];
    }
    return waiters.filter((row) => row.name.toLowerCase().includes(search) || row.email?.toLowerCase().includes(search)).slice(0, SHOWN);
  }

  #renderWaiters(waiters, total) {
    const mayAdmit = this.client.may("admit");
    const canPick = mayAdmit && total > 1;
    const now_ms = this.client.now();
    syncRows(this.list, waiters, {
      keyOf: ({ participant_id }) => participant_id,
      create: (waiter) => this.#rowOf(waiter).node,
      update: (_, waiter) => this.#rowOf(waiter).update(waiter, { now_ms, mayAdmit, canPick }),
    });
    for (const [id, { node }] of this.#rows) if (!node.isConnected) this.#rows.delete(id);
    this.list.hidden = waiters.length === 0;
    this.filter.hidden = total < 12 && !this.filter.value;
    this.more.hidden = this.filter.value !== "" || total <= waiters.length;
    setText(this.more, this.more.hidden ? "" : say("more", { count: total - waiters.length }));
    this.picking.hidden = !canPick;
    this.#showPicked();
  }

  #rowOf(waiter) {
    const { participant_id } = waiter;
    if (!this.#rows.has(participant_id)) {
      this.#rows.set(participant_id, new WaiterRow(waiter, {
        problem: this.problem,
        admit: () => admit(this.client, [participant_id]),
        decline: () => this.#decline(participant_id, waiter.name),
        onPick: () => this.#showPicked(),
      }));
    }
    return this.#rows.get(participant_id);
  }

  // In the order of the line, whatever the order of picking.
  get #picked() {
    const isPicked = (id) => this.#rows.get(id)?.pick.checked && !this.#rows.get(id).pick.hidden;
    return [...this.list.children].map(({ dataset }) => dataset.participantId).filter(isPicked);
  }

  #pickAll() {
    for (const { pick } of this.#rows.values()) pick.checked = this.all.checked;
    this.#showPicked();
  }

  #showPicked() {
    const count = this.#picked.length;
    this.all.checked = count > 0 && count === this.#rows.size;
    this.all.indeterminate = count > 0 && count < this.#rows.size;
    this.admit.dataset.act = count ? "lobby.admit_picked" : "lobby.admit_all";
    setText(this.admit, count ? say("admit.picked", { count }) : say("admit.all"));
  }

  #admitPicked() {
    const picked = this.#picked;
    return admit(this.client, picked.length ? picked : null);
  }

  async #decline(participant_id, name) {
    const message = await ask({
      heading: say("decline.ask", { name }), sentence: say("decline.sentence"), field: say("decline.field"), confirm: say("decline"),
    });
    if (message !== null) await this.client.command("lobby.decline", { participant_id, message: message || null });
  }

  #onSearch() {
    clearTimeout(this.#searchTimer);
    this.#searchTimer = setTimeout(() => this.#find(), SEARCH_PAUSE_MS);
    this.renderSoon();
  }

  async #find() {
    this.#searchTimer = null;
    const { waiterCount, waiters } = this.client;
    const search = this.filter.value.trim();
    if (!search || waiterCount <= (waiters?.length ?? 0)) return;
    this.#foundOf = waiterCount;
    const answer = await this.client.command("waiters.page", { search }).catch(() => null);
    if (answer && search === this.filter.value.trim()) this.#found = answer.waiters;
    this.renderSoon();
  }

  #toggleSound() {
    this.arrivals.chime.isMuted = !this.arrivals.chime.isMuted;
    this.#showSound();
  }

  #showSound() {
    const isMuted = this.arrivals?.chime.isMuted ?? true;
    const words = say(isMuted ? "sound.off" : "sound.on");
    if (this.mute.title === words) return;
    this.mute.replaceChildren(icon(isMuted ? "mute" : "bell"));
    this.mute.title = words;
    this.mute.setAttribute("aria-label", say("sound"));
    this.mute.setAttribute("aria-pressed", String(!isMuted));
  }

  /** Bring it into view, the focus at its heading. */
  show() {
    this.scrollIntoView({ block: "nearest" });
    this.heading.focus();
  }

  stop() {
    clearTimeout(this.#timer);
    clearTimeout(this.#searchTimer);
    this.#searchTimer = null;
  }
}

customElements.define("greenroom-line", Line);

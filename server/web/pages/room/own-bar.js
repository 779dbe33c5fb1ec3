/** Who one is here, and what one does for oneself or for the whole room: the hand, the lock, the start, the end, leaving. */

import { actionButton, problemPlace } from "../common/acting.js";
import { ask } from "../common/dialog.js";
import { el, setText } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { keepingFocus } from "../common/focus.js";
import { icon } from "../common/icons.js";
import { menu, setChoices } from "../common/menu.js";
import { roleWord } from "../common/roles.js";
import { notify } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";
import { openRenaming } from "./renaming.js";

const say = await wordsOf("room");
const LIVE = new Set(["open", "opening"]);

class OwnBar extends RoomElement {
  /** What the button to leave does. */
  leave = async () => {};

  build() {
    const client = () => this.client;
    this.problem = problemPlace();
    this.name = el("bdi", { class: "name clip" });
    this.badge = el("span", { class: "badge live", id: "own-role" });
    const button = (picture, act, attributes, words = "") => actionButton([icon(picture), el("span", {}, words)], this.problem, act, attributes);
    this.hand = button("hand", () => client().command(this.#isRaised ? "hand.lower" : "hand.raise"));
    this.lock = button("lock", () => client().command(client().room.locked ? "room.unlock" : "room.lock"));
    this.start = actionButton(say("start"), this.problem, () => client().command("session.start"), {
      class: "primary", "data-act": "session.start",
    });
    this.ending = button("close", () => this.#end(), { class: "danger", "data-act": "session.end" }, say("end"));
    this.leaving = button("leave", () => this.leave(), { "data-act": "leave" }, say("leave"));
    this.more = menu(null, say("more"));
    this.more.root.classList.add("more");
    this.append(
      this.problem,
      el("div", { class: "who" }, el("span", { class: "quiet" }, say("you_are")), el("span", { class: "line" }, this.name, this.badge)),
      el("div", { class: "actions" }, this.start, this.hand, this.lock, this.ending, this.leaving, this.more.root));
  }

  get #isRaised() {
    const { me } = this.client;
    return (this.client.participant(me.participant_id)?.hand_raised_at_ms ?? null) !== null;
  }

  // A button that goes when it was pressed leaves the focus at the room's heading: no other button takes the next press.
  render() {
    if (this.client.room) keepingFocus(this, () => this.#render(), this.closest("greenroom-room")?.heading);
  }

  #render() {
    const { me, room } = this.client;
    const own = this.client.participant(me.participant_id);
    setText(this.name, own?.name ?? me.name ?? "");
    setText(this.badge, roleWord(me.role));
    if (this.badge.dataset.role !== me.role) this.#showRole(me.role);
    this.#showToggle(this.hand, this.#isRaised, this.client.may("raise_hand"), "hand.lower", "hand.raise", "hand");
    this.#showToggle(this.lock, room.locked, this.client.may("lock"), "room.unlock", "room.lock", room.locked ? "unlock" : "lock");
    this.start.hidden = room.phase !== "scheduled" || !this.client.may("start_session");
    this.ending.hidden = !LIVE.has(room.phase) || !this.client.may("end_session");
    setChoices(this.more, room.rename ? [{ key: "person.rename", label: say("rename"), act: () => openRenaming(this.client) }] : []);
  }

  #showRole(role) {
    if (this.badge.dataset.role) {
      this.badge.classList.remove("changed");
      requestAnimationFrame(() => this.badge.classList.add("changed"));
    }
    this.badge.dataset.role = role;
  }

  // One button in one place, so that the focus stays where it was.
  #showToggle(button, isOn, isShown, whenOn, whenOff, picture) {
    button.hidden = !isShown;
    const act = isOn ? whenOn : whenOff;
    if (button.dataset.act === act) return;
    button.dataset.act = act;
    button.classList.toggle("is-on", isOn);
    button.firstElementChild.replaceWith(icon(picture));
    setText(button.lastElementChild, say(act));
  }

  async #end() {
    const yes = await ask({ heading: say("end.ask"), sentence: say("end.sentence"), confirm: say("end.confirm"), danger: true });
    if (yes !== null) await this.client.command("session.end");
  }

  listen(client) {
    const stop = client.on("participantUpdated", ({ participant, before, reason }) => {
      const isOwn = participant.participant_id === client.me?.participant_id;
      const isLowered = reason === null && before?.hand_raised_at_ms && !participant.hand_raised_at_ms;
      if (isOwn && isLowered && !this.hand.getAttribute("aria-busy")) notify(say("hand.was_lowered"), { key: "hand" });
    });
    const stopChanged = super.listen(client);
    return () => {
      stop();
      stopChanged();
    };
  }
}

customElements.define("greenroom-own", OwnBar);

/** The room as somebody inside sees it: who they are and may do, the line, the people, the invitations. */

import { actionButton, ask, attempt, el, problemPlace, setText } from "./dom.js";
import { InvitationsView } from "./invitations-view.js";
import { LineView } from "./line-view.js";
import { PeopleView } from "./people-view.js";
import { ROLE_WORDS, absenceWords, countWords, countdownWords, instantWords, permissionWords } from "./words.js";

const PHASE_WORDS = { scheduled: "Not started", opening: "Opening", open: "Live", ended: "Ended", deleted: "Deleted" };

export class RoomView {
  #client;
  #timer = null;

  /** @param {import("./greenroom-client.js").RoomClient} client @param {{leave: () => Promise<void>}} actions */
  constructor(client, { leave }) {
    this.#client = client;
    this.problem = problemPlace();
    this.line = new LineView(client);
    this.people = new PeopleView(client);
    this.invitations = new InvitationsView(client);
    this.#buildHead(leave);
    this.#buildYou();
    this.#buildEdit();
    this.root = el("div", { class: "room", "data-state": "inside" },
      this.head,
      el("div", { class: "columns" },
        el("div", {}, this.line.root, this.people.root),
        el("div", {}, this.self, this.invitations.root, this.edit)));
  }

  #command(type, fields) {
    return this.#client.command(type, fields);
  }

  #button(label, act, attributes) {
    return actionButton(label, this.problem, act, attributes);
  }

  #buildHead(leave) {
    this.heading = el("h1", { tabindex: -1 });
    this.phase = el("span", { class: "badge" });
    this.locked = el("span", { class: "badge" }, "Locked");
    this.description = el("p", { class: "description" });
    this.countdown = el("p", { class: "starts" });
    this.seats = el("span", { class: "badge", id: "seats" });
    this.absence = el("p", { class: "starts", id: "host-absence", role: "timer", "data-state": "host_absent", hidden: true });
    this.raise = this.#button("Raise hand", () => this.#command("hand.raise"));
    this.lower = this.#button("Lower hand", () => this.#command("hand.lower"));
    this.start = this.#button("Start session", () => this.#command("session.start"), { class: "primary" });
    this.end = this.#button("End session…", () => this.#endSession(), { class: "danger" });
    this.lock = this.#button("Lock", () => this.#command("room.lock"));
    this.unlock = this.#button("Unlock", () => this.#command("room.unlock"));
    this.head = el("header", { class: "room-head" },
      el("div", {}, this.heading, el("p", { class: "badges" }, this.phase, " ", this.locked, " ", this.seats)),
      this.description, this.countdown, this.absence,
      el("div", { class: "actions" }, this.start, this.raise, this.lower, this.lock, this.unlock, this.end, this.#button("Leave", leave)),
      this.problem);
  }

  #buildYou() {
    this.name = el("bdi", { class: "name" });
    this.role = el("strong", { id: "own-role" });
    this.permissions = el("ul", { class: "permissions", id: "permissions", "aria-labelledby": "permissions-heading" });
    this.self = el("section", { class: "card", "aria-labelledby": "you-heading" },
      el("h2", { id: "you-heading" }, "You"),
      el("p", {}, this.name, " · ", this.role),
      el("h3", { id: "permissions-heading" }, "What you may do"),
      this.permissions);
  }

  #buildEdit() {
    const title = el("input", { id: "edit-title", maxlength: 200, required: true });
    const seconds = el("input", { id: "edit-start", type: "number", min: 0, max: 31_536_000, value: 120, inputmode: "numeric" });
    const place = problemPlace();
    const send = (fields) => attempt(place, () => this.#command("room.edit", fields));
    this.editTitle = title;
    this.capacity = el("input", { id: "edit-capacity", type: "number", min: 1, max: 100_000, inputmode: "numeric", placeholder: "No limit" });
    this.capacityForm = el("form", { onsubmit: (event) => {
      event.preventDefault();
      send({ capacity: this.capacity.value === "" ? null : Number(this.capacity.value) });
    } },
    el("label", { for: "edit-capacity" }, "Seats"),
    el("div", { class: "with-button" }, this.capacity, el("button", { type: "submit" }, "Set seats")));
    this.startForm = el("form", { onsubmit: (event) => {
      event.preventDefault();
      send({ starts_at_ms: Math.round(this.#client.now() + Number(seconds.value) * 1000) });
    } },
    el("label", { for: "edit-start" }, "Start in how many seconds"),
    el("div", { class: "with-button" }, seconds, el("button", { type: "submit" }, "Set start")));
    this.remove = actionButton("Delete room…", place, () => this.#deleteRoom(), { class: "danger" });
    this.edit = el("section", { class: "card", "aria-labelledby": "edit-heading" },
      el("h2", { id: "edit-heading" }, "Room"),
      this.startForm, this.capacityForm,
      el("form", { onsubmit: (event) => {
        event.preventDefault();
        send({ title: title.value.trim() });
      } },
      el("label", { for: "edit-title" }, "Title"),
      el("div", { class: "with-button" }, title, el("button", { type: "submit" }, "Rename"))),
      place,
      el("div", { class: "actions" }, this.remove));
  }

  async #endSession() {
    const yes = await ask({
      heading: "End the session for everybody?",
      sentence: "Everybody here and in the lobby is told that it is over.",
      confirm: "End session",
      danger: true,
    });
    if (yes !== null) await this.#command("session.end");
  }

  async #deleteRoom() {
    const yes = await ask({
      heading: "Delete this room?",
      sentence: "Everybody is put out, and all links stop working. This cannot be undone.",
      confirm: "Delete room",
      danger: true,
    });
    if (yes !== null) await this.#command("room.delete");
  }

  /** Show the room as it is now; what somebody is typing or pointing at stays. */
  render() {
    const client = this.#client;
    if (client.place !== "inside") return;
    this.#renderHead(client);
    this.#renderYou(client);
    this.edit.hidden = !client.may("edit_room");
    this.startForm.hidden = client.room.phase !== "scheduled";
    this.remove.hidden = !client.may("delete_room");
    if (document.activeElement !== this.editTitle) this.editTitle.value = client.room.title;
    if (document.activeElement !== this.capacity) this.capacity.value = client.room.capacity ?? "";
    this.line.render();
    this.people.render();
    this.invitations.render();
  }

  #renderHead(client) {
    const { room } = client;
    const isScheduled = room.phase === "scheduled";
    setText(this.heading, room.title);
    setText(this.phase, PHASE_WORDS[room.phase] ?? room.phase);
    this.phase.dataset.phase = room.phase;
    this.locked.hidden = !room.locked;
    this.seats.hidden = room.capacity === null;
    setText(this.seats, room.capacity === null ? "" : countWords(room.capacity, "seat", "seats"));
    setText(this.description, room.description ?? "");
    this.description.hidden = !room.description;
    this.start.hidden = !isScheduled || !client.may("start_session");
    this.end.hidden = !["open", "opening"].includes(room.phase) || !client.may("end_session");
    this.lock.hidden = room.locked || !client.may("lock");
    this.unlock.hidden = !room.locked || !client.may("lock");
    this.#count();
  }

  #count() {
    clearTimeout(this.#timer);
    const room = this.#client.room;
    if (room) this.#countAbsence(room);
    const isCounting = room?.phase === "scheduled" && room.starts_at_ms !== null;
    this.countdown.hidden = !isCounting;
    if (!isCounting) return;
    const left_ms = room.starts_at_ms - this.#client.now();
    setText(this.countdown, left_ms > 0
      ? `Starts in ${countdownWords(left_ms)} · ${instantWords(room.starts_at_ms)}`
      : room.opens === "by_host" ? "The time has come: a host has to start the session." : "Starting now.");
    if (left_ms > 0) this.#timer = setTimeout(() => this.#count(), (left_ms % 1000 || 1000) + 5);
  }

  // A live session has no countdown to its start, so that one timer serves both.
  #countAbsence(room) {
    const now_ms = this.#client.now();
    const words = absenceWords(room, now_ms);
    this.absence.hidden = words === null;
    setText(this.absence, words ?? "");
    const left_ms = words === null ? 0 : room.host_absence_ends_at_ms - now_ms;
    if (left_ms > 0) this.#timer = setTimeout(() => this.#count(), (left_ms % 1000 || 1000) + 5);
  }

  #renderYou(client) {
    const { me } = client;
    const hand = client.participant(me.participant_id)?.hand_raised_at_ms ?? null;
    setText(this.name, me.name ?? "");
    setText(this.role, ROLE_WORDS[me.role] ?? me.role);
    this.role.dataset.role = me.role;
    const mayRaise = client.may("raise_hand");
    this.#swap(this.raise, this.lower, hand === null, mayRaise);
    const words = permissionWords(me.permissions);
    if (this.permissions.dataset.words === words.join()) return;
    this.permissions.dataset.words = words.join();
    this.permissions.replaceChildren(...words.map((each) => el("li", {}, each)));
  }

  // Two buttons in one place: the focus goes along.
  #swap(first, second, isFirst, isShown) {
    const hadFocus = document.activeElement === first || document.activeElement === second;
    first.hidden = !isShown || !isFirst;
    second.hidden = !isShown || isFirst;
    if (hadFocus) (isFirst ? first : second).focus();
  }

  stop() {
    clearTimeout(this.#timer);
  }
}

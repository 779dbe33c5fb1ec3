/** What the room is: its title, whether it is live, locked, how many seats; the countdown, and what ends without hosts. */

import { el, setText } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { icon } from "../common/icons.js";
import { countdownWords, instantWords } from "../common/times.js";
import { wordsOf } from "../common/words.js";
import { Countdown } from "./countdown.js";

const say = await wordsOf("room");
const LIVE = new Set(["open", "opening"]);

class Head extends RoomElement {
  build() {
    this.heading = el("h1", { tabindex: -1, dir: "auto" });
    this.phase = el("span", { class: "badge" });
    this.locked = el("span", { class: "badge warn", id: "is-locked" }, icon("lock"), el("span", {}, say("locked")));
    this.seats = el("span", { class: "badge", id: "seats" });
    this.description = el("p", { class: "description quiet", dir: "auto" });
    this.start = el("p", { class: "start clock", role: "timer", id: "start" });
    this.when = el("p", { class: "quiet" });
    this.absence = el("p", { class: "absence clock", id: "host-absence", role: "timer", hidden: true });
    this.append(
      el("div", { class: "title-line" }, this.heading, el("p", { class: "badges" }, this.phase, this.locked, this.seats)),
      this.description, el("div", { class: "start-line" }, this.start, this.when), this.absence);
    const now = () => this.client.now();
    this.countdown = new Countdown(this.start, {
      now,
      words: (left_ms) => (left_ms > 0 ? say("starts_in", { left: countdownWords(left_ms) })
        : say(this.client.room?.opens === "by_host" ? "start.by_host" : "start.now")),
      spoken: (left) => say("starts_in", { left }),
    });
    this.ending = new Countdown(this.absence, {
      now,
      words: (left_ms) => (left_ms > 0 ? say("absence", { left: countdownWords(left_ms) }) : say("absence.now")),
      spoken: (left) => say("absence", { left }),
    });
  }

  render() {
    const { room } = this.client;
    if (!room) return;
    setText(this.heading, room.title);
    setText(this.phase, say(`phase.${room.phase}`));
    this.phase.dataset.phase = room.phase;
    this.phase.classList.toggle("live", LIVE.has(room.phase));
    this.locked.hidden = !room.locked;
    this.seats.hidden = room.capacity === null;
    setText(this.seats, room.capacity === null ? "" : say("seats", { count: room.capacity }));
    setText(this.description, room.description ?? "");
    this.description.hidden = !room.description;
    const starts_at_ms = room.phase === "scheduled" ? room.starts_at_ms : null;
    this.countdown.toward(starts_at_ms);
    this.when.hidden = starts_at_ms === null;
    setText(this.when, starts_at_ms === null ? "" : instantWords(starts_at_ms));
    this.ending.toward(room.phase === "open" ? room.host_absence_ends_at_ms : null);
    this.absence.dataset.state = "host_absent";
  }

  stop() {
    this.countdown.stop();
    this.ending.stop();
  }
}

customElements.define("greenroom-head", Head);

/** The page of a room on the site: what it is, when it starts, the way in, and what its managers can do from here. */

import { ServerClock } from "../client/greenroom-client.js";
import { persist, request } from "../client/greenroom-http.js";
import { attempt, problemPlace } from "../common/acting.js";
import { ask } from "../common/dialog.js";
import { el, setText } from "../common/dom.js";
import { mayTakeFocus } from "../common/focus.js";
import { buildFrame, siteName } from "../common/frame.js";
import { icon } from "../common/icons.js";
import { menu, setChoices } from "../common/menu.js";
import { asRefusal, refusalWords } from "../common/refusal.js";
import { standingWord } from "../common/roles.js";
import { roomIdInAddress } from "../common/saved.js";
import { isOver, takeDemoPerson, withSiteToken } from "../common/site-sign-in.js";
import { notify } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";
import { openInviteDialog } from "../invite/invite-dialog.js";
import { mayInvite } from "../invite/may-invite.js";
import { Countdown } from "../lobby/countdown.js";
import { writeWhen } from "../lobby/when.js";
import { openEditing } from "./editing.js";
import { Manager } from "./manager.js";

const say = await wordsOf("media");
const FAR_MS = 30_000; // between two looks at the room
const NEAR_MS = 5_000;
const NEAR_START_MS = 300_000;

class MediaPage {
  #roomId = roomIdInAddress();
  #clock = new ServerClock();
  #media = null;
  #run = 0;
  #timer = null;

  constructor(root) {
    this.main = buildFrame(root).main;
    this.main.className = "media";
    this.manager = new Manager(this.#roomId, () => this.#media);
    this.#build();
    addEventListener("hashchange", () => this.start());
    document.addEventListener("visibilitychange", () => { if (!document.hidden && this.#media) this.#look(); });
  }

  #build() {
    this.phase = el("span", { class: "badge", id: "phase" });
    this.standing = el("span", { class: "badge" });
    this.menu = menu(null, say("menu"));
    this.title = el("h1", { tabindex: -1, dir: "auto" });
    this.when = el("p", { class: "when" });
    this.countdown = new Countdown({ clock: this.#clock, turned: (left_ms) => this.#onTurn(left_ms) });
    this.sentence = el("p", { class: "sentence", role: "status" });
    this.join = el("a", { class: "button primary", "data-act": "room.join", href: `/room/${encodeURIComponent(this.#roomId)}` }, icon("door"), say("join"));
    this.problem = problemPlace();
    this.description = el("p", { class: "description", dir: "auto" });
    this.access = el("span", {});
    this.about = el("section", { class: "about", "aria-labelledby": "about-heading" },
      el("h2", { id: "about-heading" }, say("about")), this.description,
      el("p", { class: "fact" }, icon("shield"), this.access));
    this.card = el("article", { class: "card", "data-state": "media" },
      el("header", { class: "media-head" }, el("p", { class: "badges" }, this.phase, this.standing), this.menu.root),
      this.title, this.when, this.countdown.root, this.sentence,
      el("div", { class: "actions" }, this.join), this.problem, this.about);
    this.heading = el("h1", { tabindex: -1 });
    this.next = el("p", {});
    this.code = el("p", { class: "code" });
    this.refused = el("article", { class: "card refused" }, this.heading, this.next, this.code);
  }

  async start() {
    const run = ++this.#run;
    takeDemoPerson();
    try {
      const onWait = (refusal) => { if (run === this.#run && this.#media === null) this.#showRefused(refusal, "reconnecting"); };
      const media = await persist(() => this.#read(), { onWait, isLast: isOver });
      if (run !== this.#run) return;
      this.#show(media);
      if (mayTakeFocus(this.main)) this.title.focus();
    } catch (error) {
      if (run === this.#run) this.#showRefused(asRefusal(error), "refused");
    }
  }

  async #read() {
    const mark = this.#clock.mark();
    const media = await withSiteToken((siteToken) => request("GET", `/v1/rooms/${encodeURIComponent(this.#roomId)}/media`, { bearer: siteToken }));
    this.#clock.sample(media.now_ms, mark);
    return media;
  }

  // What changes meanwhile, another start above all, is seen without loading anything again. What cannot be read now is read next time.
  async #look() {
    clearTimeout(this.#timer);
    const run = this.#run;
    try {
      const media = await this.#read();
      if (run === this.#run) this.#show(media);
    } catch (error) {
      if (run !== this.#run || this.#media === null) return;
      const refusal = asRefusal(error);
      if (refusal.isTransient && !isOver(refusal)) this.#lookLater();
      else this.#showRefused(refusal, "refused");
    }
  }

  #lookLater() {
    clearTimeout(this.#timer);
    const { phase, starts_at_ms } = this.#media.room;
    const left_ms = starts_at_ms === null ? Infinity : Math.abs(starts_at_ms - this.#clock.now_ms());
    const isNear = phase !== "ended" && left_ms < NEAR_START_MS;
    this.#timer = setTimeout(() => (document.hidden ? this.#lookLater() : this.#look()), isNear ? NEAR_MS : FAR_MS);
  }

  #show(media) {
    this.#media = media;
    const { room, standing } = media;
    if (this.card.parentNode !== this.main) this.main.replaceChildren(this.card);
    document.title = `${room.title} · ${siteName}`;
    setText(this.title, room.title);
    setText(this.phase, say(`phase.${room.phase}`));
    this.phase.dataset.phase = room.phase;
    this.phase.className = `badge ${["open", "opening"].includes(room.phase) ? "live" : ""}`;
    this.standing.hidden = standing === null;
    setText(this.standing, standing === null ? "" : standingWord(standing));
    setText(this.description, room.description ?? "");
    this.description.hidden = !room.description;
    setText(this.access, say(`access_is.${room.access}`));
    this.join.hidden = room.phase === "ended";
    const isAhead = room.phase === "scheduled";
    writeWhen(this.when, isAhead ? room.starts_at_ms : null);
    this.countdown.show(isAhead ? room.starts_at_ms : null);
    if (!isAhead || room.starts_at_ms === null) this.#say(say(isAhead ? "next.no_start" : `next.${room.phase}`));
    setChoices(this.menu, this.#choices());
    this.#lookLater();
  }

  #onTurn(left_ms) {
    const { opens } = this.#media.room;
    if (left_ms > 0) this.#say(say(`next.scheduled.${opens}`));
    else if (this.#say(say(`next.zero.${opens}`))) setTimeout(() => this.#look(), 300);
    this.countdown.root.hidden = left_ms <= 0;
  }

  /** Answers whether that is news. */
  #say(words) {
    if (this.sentence.textContent === words) return false;
    setText(this.sentence, words);
    return true;
  }

  /** Inviting from here is for rooms that stand alone; those of a channel are invited into from within. */
  #choices() {
    const { manager } = this;
    const { room } = this.#media;
    return [
      room.kind === "standalone" && mayInvite(manager) && {
        key: "invite.open", label: say("invite"), icon: "invite", act: () => openInviteDialog(manager),
      },
      manager.may("edit_room") && room.phase !== "ended" && {
        key: "room.edit.open", label: say("edit"), icon: "settings", act: () => openEditing(manager, () => this.#saved()),
      },
      manager.may("delete_room") && { key: "room.delete", label: say("delete"), icon: "close", danger: true, act: () => this.#delete() },
    ].filter(Boolean);
  }

  #saved() {
    notify(say("edit.saved"));
    this.#look();
  }

  async #delete() {
    const yes = await ask({ heading: say("delete.ask"), sentence: say("delete.sentence"), confirm: say("delete"), danger: true });
    if (yes === null) return;
    await attempt(this.problem, async () => {
      await this.manager.command("room.delete");
      await this.#look();
    });
  }

  #showRefused(refusal, state) {
    clearTimeout(this.#timer);
    this.countdown.show(null);
    this.#media = null;
    const { message, nextStep } = refusalWords(refusal);
    const { code } = refusal;
    const page = isOver(refusal) ? "not_signed_in" : code;
    const isKnown = say.has(`refused.${page}`);
    const isNews = this.refused.parentNode !== this.main || this.refused.dataset.code !== code;
    this.refused.dataset.state = state;
    this.refused.dataset.code = code;
    setText(this.heading, isKnown ? say(`refused.${page}`) : message);
    setText(this.next, isKnown ? say(`refused.${page}.next`) : nextStep);
    setText(this.code, code);
    if (this.refused.parentNode !== this.main) this.main.replaceChildren(this.refused);
    if (isNews && mayTakeFocus(this.main)) this.heading.focus();
  }
}

new MediaPage(document.getElementById("app")).start();

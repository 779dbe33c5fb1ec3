/** `<greenroom-invitations>`: the living list of a room's invitations, for managers. Give it a `client`. */

import { attempt, problemPlace } from "../common/acting.js";
import { el, setText, syncRows } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { icon } from "../common/icons.js";
import { wordsOf } from "../common/words.js";
import { InvitationActs } from "./invitation-acts.js";
import { createRow, updateRow } from "./invitation-row.js";
import { openInviteDialog } from "./invite-dialog.js";
import { mayInvite, mayMail } from "./may-invite.js";
import { isFound, isWithdrawn, partOf, stageOf, wordsIn } from "./stages.js";

const say = await wordsOf("invitations");
const SHOWN = 50; // rows at first, and with each press of the button
const PARTS = ["all", "awaited", "here", "ended"];
const SEARCH_FROM = 8;
const LATEST_TIMER_MS = 60_000;
const TYPING_MS = 120;

export class Invitations extends RoomElement {
  #part = "all";
  #words = [];
  #shown = SHOWN;
  #acts = null;
  #timer = null;
  #typing = null;
  #isSeen = true;
  #looking = new IntersectionObserver((entries) => this.#onSeen(entries.at(-1).isIntersecting));

  connectedCallback() {
    super.connectedCallback();
    this.#looking.observe(this);
  }

  // While another tab of the panel is shown nothing is worked out: thousands of rows change when a whole class comes in.
  #onSeen(isSeen) {
    const wasSeen = this.#isSeen;
    this.#isSeen = isSeen;
    if (isSeen && !wasSeen) this.renderSoon();
  }

  build() {
    this.classList.add("invitations");
    this.heading = el("h2", { id: "invitations-heading", tabindex: -1 });
    this.invite = el("button", {
      type: "button", class: "primary", "data-act": "invite.open", onclick: () => openInviteDialog(this.client),
    }, icon("invite"), say("invite"));
    this.problem = problemPlace();
    this.search = el("input", {
      id: "invitations-search", type: "search", placeholder: say("search"), "aria-label": say("search"), autocomplete: "off",
      oninput: () => this.#onSearch(),
    });
    this.filters = el("div", { class: "filters", role: "group", "aria-label": say("filter") }, ...PARTS.map((part) => el("button", {
      type: "button", class: "filter", "aria-pressed": String(part === this.#part), "data-act": `invitations.${part}`, onclick: () => this.#choosePart(part),
    })));
    this.remindWords = el("span", {});
    this.remindAll = el("button", {
      type: "button", class: "plain quick", "data-act": "invitation.remind_all", onclick: () => this.#attempt(() => this.#acts.remind(null)),
    }, icon("bell"), this.remindWords);
    this.empty = el("p", { class: "empty quiet" });
    this.list = el("ul", { class: "rows", id: "invitations", "aria-labelledby": "invitations-heading" });
    this.more = el("button", { type: "button", class: "plain", "data-act": "invitations.more", onclick: () => { this.#shown += SHOWN; this.render(); } });
    this.append(
      el("div", { class: "section-head" }, this.heading, this.invite),
      this.problem, this.filters, this.search, el("div", { class: "actions" }, this.remindAll), this.empty, this.list, this.more);
  }

  #attempt(act) {
    return attempt(this.problem, act);
  }

  #onSearch() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      this.#words = wordsIn(this.search.value);
      this.#shown = SHOWN;
      this.render();
    }, TYPING_MS);
  }

  #choosePart(part) {
    this.#part = part;
    this.#shown = SHOWN;
    this.render();
  }

  render() {
    const { client } = this;
    const all = client.invitations;
    this.hidden = all === null;
    if (all === null) return this.list.replaceChildren();
    if (!this.#isSeen) return;
    if (this.#acts?.client !== client) this.#acts = Object.assign(new InvitationActs(client, (act) => this.#attempt(act)), { client });
    const at = { now_ms: client.now(), links_good_until_ms: client.room.links_good_until_ms };
    const seen = all.map((invitation) => {
      const stage = stageOf(invitation, at);
      return { invitation, stage, part: partOf(stage, invitation) };
    });
    const counts = countParts(seen);
    this.#renderHead(counts);
    const matching = seen
      .filter(({ invitation, part }) => (this.#part === "all" || part === this.#part) && isFound(invitation, this.#words))
      .sort((a, b) => b.invitation.created_at_ms - a.invitation.created_at_ms || (a.invitation.invitation_id < b.invitation.invitation_id ? 1 : -1));
    this.#renderRows(matching, at.now_ms);
    this.#renderEmpty(counts.all, matching.length);
    this.#renderAgainAt(seen, at.now_ms);
  }

  #renderHead(counts) {
    setText(this.heading, say("heading", { count: counts.all }));
    this.invite.hidden = !mayInvite(this.client);
    this.filters.hidden = counts.all === 0;
    for (const [at, part] of PARTS.entries()) {
      setText(this.filters.children[at], say(`part.${part}`, { count: counts[part] }));
      this.filters.children[at].setAttribute("aria-pressed", String(part === this.#part));
    }
    this.search.hidden = counts.all < SEARCH_FROM && this.search.value === "";
    this.remindAll.hidden = counts.awaited < 2 || !mayMail(this.client);
    setText(this.remindWords, say("remind_all", { count: counts.awaited }));
  }

  #renderRows(matching, now_ms) {
    const { client } = this;
    syncRows(this.list, matching.slice(0, this.#shown), {
      keyOf: ({ invitation }) => invitation.invitation_id,
      create: ({ invitation }) => createRow(invitation, { remind: ({ invitation_id }) => this.#attempt(() => this.#acts.remind([invitation_id])) }),
      update: (node, { invitation, stage, part }) => updateRow(node, this.#withRequest(invitation), {
        stage, now_ms,
        choices: this.#acts.choicesFor(invitation, part === "awaited" || stage.key === "expired"),
        mayRemind: part === "awaited" && mayMail(client),
        applied: isWithdrawn(invitation) ? null : client.applied?.get(invitation.participant_id) ?? null,
      }),
      fallback: this.heading,
    });
    const left = matching.length - this.#shown;
    this.more.hidden = left <= 0;
    setText(this.more, say("more", { count: left }));
  }

  #withRequest(invitation) {
    const device_request = this.client.deviceRequests?.find(({ invitation_id }) => invitation_id === invitation.invitation_id);
    return device_request ? { ...invitation, device_request } : invitation;
  }

  #renderEmpty(total, found) {
    this.empty.hidden = found > 0;
    if (found > 0) return;
    const nobody = mayInvite(this.client) ? "empty" : "empty_closed";
    setText(this.empty, total === 0 ? say(nobody) : this.#words.length > 0 ? say("none_found") : say("none_in_part"));
  }

  // A link expires without an event: the list says so by its own clock.
  #renderAgainAt(seen, now_ms) {
    clearTimeout(this.#timer);
    const next_ms = seen.reduce((least, { stage }) => Math.min(least, stage.until_ms ?? Infinity), Infinity);
    if (next_ms === Infinity) return;
    this.#timer = setTimeout(() => this.renderSoon(), Math.min(LATEST_TIMER_MS, Math.max(0, next_ms - now_ms) + 50));
  }

  stop() {
    this.#looking.disconnect();
    clearTimeout(this.#timer);
    clearTimeout(this.#typing);
  }
}

function countParts(seen) {
  const counts = { all: seen.length, awaited: 0, here: 0, ended: 0, away: 0 };
  for (const { part } of seen) counts[part] += 1;
  return counts;
}

customElements.define("greenroom-invitations", Invitations);

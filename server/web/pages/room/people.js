/** The people inside, in groups, with what a host may do to each; in a large room the groups that are looked at. */

import { problemPlace } from "../common/acting.js";
import { el, nameNode, setText, syncRows } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { keepingFocus } from "../common/focus.js";
import { appliedWords } from "../common/roles.js";
import { announce } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";
import { mayInvite } from "../invite/may-invite.js";
import { openInviting, roomMenu } from "./all-menu.js";
import { GROUPS, Grouping, matches } from "./grouping.js";
import { PeopleGroup } from "./people-group.js";
import { actsFor, choicesFor } from "./person-acts.js";
import { PersonRow } from "./person-row.js";
import { RosterPage } from "./roster-page.js";
import { searchField } from "./search-field.js";

const say = await wordsOf("people");
const SEARCH_FROM = 9;
const SETTLED_MS = 700;
const MAX_NAMES = 200; // of those who left
const NOBODY = Object.freeze([]);

class Participants extends RoomElement {
  #rows = new Map();
  #grouping = null;
  #names = new Map();
  #page = new RosterPage();
  #filtered = { lists: null, search: "", groups: null };
  #timer = null;
  #rights = "";

  build() {
    this.problem = problemPlace();
    this.count = el("span", { class: "count clock" });
    this.heading = el("h2", { id: "people-heading", tabindex: -1 }, el("span", {}, say("all"), " "), this.count);
    this.menu = roomMenu(this);
    this.filter = searchField("people-filter", say("find"), () => this.#onSearch());
    this.search = el("div", { class: "search" }, this.filter);
    this.none = el("p", { class: "quiet", hidden: true });
    this.groups = Object.fromEntries([...GROUPS, "found"].map((key) => [key, this.#buildGroup(key)]));
    this.away = el("ul", { class: "rows", id: "away", "aria-label": say("away.label") });
    const invite = () => openInviting(this.client, this.problem);
    this.invite = el("button", { type: "button", "data-act": "invite.open", onclick: invite }, say("invite"));
    this.alone = el("div", { class: "empty", hidden: true }, el("p", { class: "quiet" }, say("alone")), this.invite);
    this.append(
      el("div", { class: "section-head" }, this.heading, this.menu.root),
      this.problem, this.search, this.none, ...Object.values(this.groups).map(({ root }) => root), this.away, this.alone);
  }

  #buildGroup(key) {
    return new PeopleGroup(key, {
      rowOf: (person) => this.#rowOf(person),
      update: (person) => this.#update(person),
      rerender: () => this.render(),
      onOpen: () => this.#open(key),
      onPage: (step) => this.#turn(step),
    });
  }

  listen(client) {
    this.#grouping = new Grouping(client.me?.participant_id ?? null);
    const stops = [
      super.listen(client),
      client.on("applied", ({ applied }) => this.#tellApplied(applied)),
      client.on("participantLeft", ({ participant }) => this.#keepName(participant)),
    ];
    return () => stops.forEach((stop) => stop());
  }

  render() {
    const { client } = this;
    if (!client.room) return;
    this.#rights = [client.me.role, client.me.permissions.length, client.room.rename].join();
    keepingFocus(this, () => {
      if (client.isLarge) this.#renderLarge();
      else this.#renderWhole();
      this.menu.update();
      this.#renderAway();
    }, this.heading);
  }

  #renderWhole() {
    const { client } = this;
    client.watch(null);
    this.#grouping.take(client.participants);
    const total = client.participants.length;
    const search = this.filter.value.trim();
    setText(this.count, String(total));
    this.search.hidden = total < SEARCH_FROM && !search;
    const lists = search ? this.#filter(search) : this.#grouping.lists;
    const version = this.#version();
    for (const key of GROUPS) this.groups[key].show(lists[key], { version });
    this.groups.found.show(NOBODY);
    this.#tellNone(search, GROUPS.every((key) => lists[key].length === 0));
    this.alone.hidden = total > 1 || search !== "";
    this.invite.hidden = !mayInvite(client);
    this.#forgetGone();
  }

  // Hundreds of people: hosts and the first hands are here, of the others the page that is looked at.
  #renderLarge() {
    const { client } = this;
    const { counts, hands, participants } = client;
    this.#grouping.take(participants);
    const search = this.filter.value.trim() || null;
    if (search) this.#page.turnTo("all", search);
    else if (this.#page.group === "all") this.#page.turnTo("viewers");
    client.watch(this.#page.wanted);
    const roster = this.#page.of(client.roster);
    const version = this.#version();
    const page = this.#page.place(roster);
    setText(this.count, String(counts?.participants ?? participants.length));
    this.search.hidden = false;
    this.alone.hidden = true;
    this.groups.hands.show(search ? NOBODY : hands?.participants ?? NOBODY, { total: search ? 0 : hands?.total ?? 0, version });
    this.groups.hosts.show(search ? NOBODY : this.#grouping.lists.hosts, { version });
    for (const key of ["speakers", "viewers"]) {
      const isOpen = key === this.#page.group;
      const people = isOpen && !search ? roster?.participants ?? NOBODY : NOBODY;
      this.groups[key].show(people, { total: search ? 0 : counts?.[key] ?? people.length, version, isOpen, page: isOpen ? page : null });
    }
    const found = search && roster ? roster : { participants: NOBODY, total: 0 };
    this.groups.found.show(found.participants, { total: found.total, version, page: search ? page : null });
    this.#tellNone(search, search && roster !== null && roster.total === 0);
    this.#forgetGone();
  }

  // What beside the rows themselves is shown in rows: one's own rights, and how far roles have reached.
  #version() {
    return `${this.#rights} ${[...this.client.applied.values()].map(({ participant_id, rev }) => participant_id + rev).join()}`;
  }

  #filter(search) {
    const { lists } = this.#grouping;
    const known = this.#filtered;
    const isSame = known.search === search && GROUPS.every((key) => known.lists[key] === lists[key]);
    if (!isSame) {
      const groups = Object.fromEntries(GROUPS.map((key) => [key, lists[key].filter((row) => matches(row, search))]));
      this.#filtered = { lists: { ...lists }, search, groups };
    }
    return this.#filtered.groups;
  }

  #onSearch() {
    this.renderSoon();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const found = this.querySelectorAll(".group:not([hidden]) li").length;
      if (this.filter.value.trim()) announce(say("found", { count: found }));
    }, SETTLED_MS);
  }

  #tellNone(search, isNone) {
    this.none.hidden = !search || !isNone;
    if (search && isNone) setText(this.none, say("none", { search }));
  }

  #open(key) {
    this.#page.turnTo(key);
    this.render();
  }

  #turn(step) {
    this.#page.step(this.#page.of(this.client.roster), step);
    this.render();
    this.heading.scrollIntoView({ block: "nearest" });
  }

  #rowOf({ participant_id }) {
    const known = this.#rows.get(participant_id);
    if (known) return known;
    const row = new PersonRow(participant_id, { choices: (person) => choicesFor(this.client, person, this.problem) });
    this.#rows.set(participant_id, row);
    return row;
  }

  #update(person) {
    const { client } = this;
    const who = { may: (permission) => client.may(permission), ownId: client.me.participant_id, canRename: client.room.rename };
    this.#rowOf(person).update(person, {
      isSelf: person.participant_id === client.me.participant_id,
      applied: client.applied.get(person.participant_id) ?? null,
      hasMenu: actsFor(who, person).length > 0,
    });
  }

  #forgetGone() {
    for (const [id, row] of this.#rows) if (!row.node.isConnected) this.#rows.delete(id);
  }

  // For roles that wait for them; the names of a whole day are not kept.
  #keepName({ participant_id, name }) {
    this.#names.set(participant_id, name);
    if (this.#names.size <= MAX_NAMES) return;
    for (const id of this.#names.keys()) if (id !== participant_id && !this.client.applied.has(id)) this.#names.delete(id);
  }

  #tellApplied(applied) {
    const name = this.client.participant(applied.participant_id)?.name ?? this.#names.get(applied.participant_id);
    if (name && applied.status !== "pending") announce(say("applied", { name, how: appliedWords(applied) }));
  }

  // Whoever was given a role and is not here: it waits for them.
  #renderAway() {
    const { client } = this;
    const isAway = ({ participant_id, status }) => status !== "applied" && !client.participant(participant_id);
    const rows = [...client.applied.values()].filter(isAway);
    syncRows(this.away, rows, {
      keyOf: ({ participant_id }) => participant_id,
      create: ({ participant_id }) => el("li", { "data-participant-away": participant_id },
        el("div", { class: "who" }, nameNode(this.#names.get(participant_id) ?? say("away.somebody")), el("span", { class: "facts" }))),
      update: (node, applied) => setText(node.querySelector(".facts"), appliedWords(applied)),
    });
    this.away.hidden = rows.length === 0;
  }

  stop() {
    clearTimeout(this.#timer);
  }
}

customElements.define("greenroom-participants", Participants);

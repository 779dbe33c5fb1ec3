/** The people inside, in groups, with what a host may do to each. */

import { actionButton, ask, attempt, el, menu, nameNode, problemPlace, setChoices, setText, syncRows } from "./dom.js";
import { ROLE_WORDS, STANDING_WORDS, appliedWords } from "./words.js";

const GROUPS = [
  { key: "hands", label: "Raised hands" },
  { key: "hosts", label: "Hosts" },
  { key: "speakers", label: "Speakers" },
  { key: "viewers", label: "Viewers" },
];
const GROUP_OF_ROLE = { manager: "hosts", moderator: "hosts", speaker: "speakers", viewer: "viewers" };
const GRANTABLE = ["viewer", "speaker", "moderator"];
const SHOWN = 100;
const SEARCH_FROM = 15;

export class PeopleView {
  #client;
  #nodes = new Map();
  #menus = new WeakMap();
  #shown = Object.fromEntries(GROUPS.map(({ key }) => [key, SHOWN]));
  #names = new Map();

  constructor(client) {
    this.#client = client;
    this.problem = problemPlace();
    this.heading = el("h2", { id: "people-heading", tabindex: -1 });
    this.clear = actionButton("Lower all hands", this.problem, () => client.command("hands.clear"), { class: "small" });
    this.filter = el("input", { id: "people-filter", type: "search", oninput: () => this.render() });
    this.search = el("p", { class: "search" }, el("label", { for: "people-filter" }, "Find by name"), this.filter);
    this.groups = Object.fromEntries(GROUPS.map((group) => [group.key, this.#buildGroup(group)]));
    this.found = this.#buildGroup({ key: "found", label: "Found" });
    this.away = el("ul", { class: "rows quiet", id: "away" });
    this.root = el("section", { class: "card", "aria-labelledby": "people-heading", id: "participants" },
      el("div", { class: "section-head" }, this.heading, this.clear),
      this.problem, this.search, ...GROUPS.map(({ key }) => this.groups[key].root), this.found.root, this.away);
  }

  #buildGroup({ key, label }) {
    const heading = el("h3", { id: `group-${key}` });
    const list = el("ul", { class: "rows", "aria-labelledby": `group-${key}` });
    const more = el("button", { type: "button", class: "small", onclick: () => {
      this.#shown[key] += SHOWN;
      this.render();
    } }, "Show more");
    const beyond = el("p", { class: "quiet" });
    return { label, heading, list, more, beyond, root: el("div", { class: "group", "data-group": key }, heading, list, more, beyond) };
  }

  render() {
    const people = this.#client.participants;
    if (this.#client.isLarge) return void this.#renderLarge(people);
    this.#client.watch(null);
    this.found.root.hidden = true;
    const wasAt = document.activeElement?.closest?.("#participants [data-participant-id]")?.dataset.participantId;
    setText(this.heading, `Participants (${people.length})`);
    this.search.hidden = people.length < SEARCH_FROM && !this.filter.value;
    const grouped = this.#grouped(people);
    this.clear.hidden = !this.#client.may("clear_hands") || grouped.hands.length === 0;
    for (const { key } of GROUPS) this.#renderGroup(this.groups[key], key, grouped[key]);
    this.#forgetGone();
    this.#renderAway();
    if (wasAt && document.activeElement === document.body) {
      const node = this.#nodes.get(wasAt);
      (node?.querySelector("details:not([hidden]) summary") ?? this.heading).focus();
    }
  }

  // Hundreds of people: hosts and the first hands are here, of the others the page that is looked at.
  #renderLarge(hosts) {
    const { counts, hands, roster } = this.#client;
    const search = this.filter.value.trim();
    this.#client.watch({ group: search ? "all" : "speakers", search: search || null });
    const inPage = (group) => (roster?.group === group && Boolean(roster.search) === Boolean(search) ? roster.participants : []);
    const shown = { hands: hands?.participants ?? [], hosts: hosts.filter((row) => row.hand_raised_at_ms === null), speakers: inPage("speakers"), viewers: [] };
    setText(this.heading, `Participants (${counts?.participants ?? "…"})`);
    this.search.hidden = false;
    this.clear.hidden = !this.#client.may("clear_hands") || !hands?.total;
    for (const { key } of GROUPS) {
      this.#renderGroup(this.groups[key], key, search ? [] : shown[key], counts?.[key] ?? shown[key].length);
      this.groups[key].root.hidden = search !== "";
    }
    this.#renderGroup(this.found, "found", inPage("all"), roster?.total ?? 0);
    this.found.root.hidden = search === "";
    this.#forgetGone();
    this.#renderAway();
  }

  // Each person once: whoever raised a hand is in that group, in the order of the hands.
  #grouped(people) {
    const groups = { hands: [], hosts: [], speakers: [], viewers: [] };
    const wanted = this.filter.value.trim().toLowerCase();
    for (const person of people) {
      if (wanted && !person.name.toLowerCase().includes(wanted)) continue;
      groups[person.hand_raised_at_ms !== null ? "hands" : GROUP_OF_ROLE[person.role] ?? "viewers"].push(person);
    }
    groups.hands.sort((a, b) => a.hand_raised_at_ms - b.hand_raised_at_ms);
    for (const key of ["hosts", "speakers", "viewers"]) groups[key].sort((a, b) => a.name.localeCompare(b.name));
    return groups;
  }

  #renderGroup({ label, heading, list, more, beyond, root }, key, people, total = people.length) {
    setText(heading, `${label} (${total})`);
    root.dataset.count = total;
    root.hidden = false;
    setText(beyond, total > people.length ? `and ${total - people.length} more: find them by name` : "");
    beyond.hidden = total <= people.length;
    syncRows(list, people.slice(0, this.#shown[key] ?? SHOWN), {
      keyOf: ({ participant_id }) => participant_id,
      create: (person) => this.#nodes.get(person.participant_id) ?? this.#create(person),
      update: (node, person) => this.#update(node, person),
    });
    more.hidden = people.length <= (this.#shown[key] ?? SHOWN);
  }

  #create({ participant_id, name }) {
    const actions = menu("Actions", `Actions for ${name}`);
    const node = el("li", { "data-participant-id": participant_id },
      el("div", { class: "who" }, el("span", { class: "line" }), el("span", { class: "facts" }), el("span", { class: "applied", role: "status" })),
      actions.details);
    this.#menus.set(node, actions);
    this.#nodes.set(participant_id, node);
    return node;
  }

  #update(node, person) {
    const isSelf = person.participant_id === this.#client.me.participant_id;
    const facts = [
      person.standing ? STANDING_WORDS[person.standing] ?? person.standing : ROLE_WORDS[person.role] ?? person.role,
      person.hand_raised_at_ms !== null ? "hand raised" : null,
      person.unverified ? "unverified" : null,
      person.email,
    ].filter(Boolean).join(" · ");
    node.dataset.role = person.role;
    this.#names.set(person.participant_id, person.name);
    const line = node.querySelector(".line");
    const shown = JSON.stringify([person.name, isSelf]);
    if (line.dataset.shown !== shown) {
      line.dataset.shown = shown;
      line.replaceChildren(nameNode(person.name), isSelf ? el("span", { class: "badge" }, "you") : "");
    }
    setText(node.querySelector(".facts"), facts);
    this.#showApplied(node.querySelector(".applied"), this.#client.applied.get(person.participant_id));
    setChoices(this.#menus.get(node), this.#choices(person, isSelf));
  }

  #showApplied(place, applied) {
    place.dataset.status = applied?.status ?? "";
    setText(place, applied ? appliedWords(applied) : "");
  }

  #choices(person, isSelf) {
    const client = this.#client;
    const id = { participant_id: person.participant_id };
    const act = (type, fields = id) => () => attempt(this.problem, () => this.#client.command(type, fields));
    const isManager = person.role === "manager";
    const choices = [];
    if (client.may("change_roles") && !isManager) {
      for (const role of GRANTABLE) {
        if (role !== person.role) choices.push({ label: `Make ${role}`, act: act("role.change", { ...id, role }) });
      }
    }
    if (person.hand_raised_at_ms !== null && client.may("clear_hands")) choices.push({ label: "Lower hand", act: act("hand.lower") });
    if (isSelf || isManager) return choices;
    if (client.may("remove")) {
      choices.push({ label: "Send to lobby", act: act("lobby.send_back") });
      choices.push({ label: "Remove", act: act("participant.remove"), danger: true });
    }
    if (client.may("ban")) choices.push({ label: "Ban…", act: () => this.#ban(person), danger: true });
    return choices;
  }

  async #ban({ participant_id, name }) {
    const yes = await ask({
      heading: `Ban ${name}?`,
      sentence: "They are put out now and refused until the session ends, with every link and device.",
      confirm: "Ban",
      danger: true,
    });
    if (yes !== null) await attempt(this.problem, () => this.#client.command("participant.ban", { participant_id }));
  }

  #forgetGone() {
    for (const [id, node] of this.#nodes) if (!node.isConnected) this.#nodes.delete(id);
  }

  // Whoever was given a role and is not here: it waits for them.
  #renderAway() {
    const client = this.#client;
    const rows = [...client.applied.values()].filter(({ participant_id, status }) => status !== "applied" && !client.participant(participant_id));
    syncRows(this.away, rows, {
      keyOf: ({ participant_id }) => participant_id,
      create: () => el("li", {}),
      update: (node, applied) => {
        const name = this.#names.get(applied.participant_id) ?? "Somebody who is not here";
        node.dataset.participantAway = applied.participant_id;
        setText(node, `${name} · ${appliedWords(applied)}`);
      },
    });
    this.away.hidden = rows.length === 0;
  }
}


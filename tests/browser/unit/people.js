/** What the room's pages work out without a page: groups kept up as people change, what may be done to whom, tables, sentences. */

import { makeParticipant } from "/pages/client/greenroom-client-testing.js";
import { ActList } from "/pages/room/act-list.js";
import { actWords } from "/pages/room/act-words.js";
import { initials } from "/pages/room/avatar.js";
import { GROUPS, Grouping, groupOf, matches } from "/pages/room/grouping.js";
import { tableOf } from "/pages/room/people-table.js";
import { actsFor } from "/pages/room/person-acts.js";
import { RosterPage } from "/pages/room/roster-page.js";
import { promotionWords, toolsOf } from "/pages/room/tool-list.js";
import { check, equal, test } from "/unit/harness.js";

const ROLES = ["viewer", "speaker", "moderator", "manager"];
const idsOf = (lists) => GROUPS.map((group) => lists[group].map(({ participant_id }) => participant_id));
const ISOLATES = /[\u2068\u2069]/gu;
const plain = (text) => text.replace(ISOLATES, "");

// A sequence that is the same at every run.
function random(seed) {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

test("groups kept up step by step are those made at once, whoever comes, goes, and changes", () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const below = random(seed);
    const kept = new Grouping("q0");
    const people = new Map();
    for (let step = 0; step < 60; step += 1) {
      for (let change = below(step % 10 === 0 ? 150 : 4); change >= 0; change -= 1) {
        const id = `q${below(200)}`;
        if (below(4) === 0) people.delete(id);
        else people.set(id, makeParticipant(id, { name: `N${below(40)}`, role: ROLES[below(4)], hand_raised_at_ms: below(5) ? null : below(99) }));
      }
      const rows = [...people.values()];
      kept.take(rows);
      const fresh = new Grouping("q0");
      fresh.take(rows);
      equal(idsOf(kept.lists), idsOf(fresh.lists), `seed ${seed} step ${step}`);
    }
  }
});

test("a list in which nothing changed stays the same one", () => {
  const grouping = new Grouping("p1");
  const [host, viewer] = [makeParticipant("p1", { role: "manager" }), makeParticipant("p2")];
  grouping.take([host, viewer]);
  const { hosts, viewers } = grouping.lists;
  grouping.take([host, viewer, makeParticipant("p3")]);
  check(grouping.lists.hosts === hosts, "hosts are untouched");
  check(grouping.lists.viewers !== viewers, "viewers are others");
});

test("oneself comes first, hands in the order in which they went up, everybody else by name", () => {
  const grouping = new Grouping("me");
  grouping.take([
    makeParticipant("a", { name: "zoe" }), makeParticipant("b", { name: "Ádám" }), makeParticipant("me", { name: "Walter" }),
    makeParticipant("c", { name: "Late", hand_raised_at_ms: 20, role: "manager" }), makeParticipant("d", { name: "Soon", hand_raised_at_ms: 10 }),
  ]);
  equal(idsOf(grouping.lists), [["d", "c"], [], [], ["me", "b", "a"]]);
});

test("a role that is not known is a viewer's", () => equal(groupOf(makeParticipant("p", { role: "guest" })), "viewers"));

test("a search finds the beginnings of words, without accents, in the name and the address", () => {
  const row = makeParticipant("p", { name: "Zoë Ångström", email: "z.angstrom@example.org" });
  for (const search of ["zoe", "ang", "ANG zo", "z.ang", "Å"]) check(matches(row, search), search);
  for (const search of ["oe", "strom", "zoe x", "example"]) check(!matches(row, search), search);
});

test("initials are letters and digits, whatever a name is made of", () => {
  const wanted = {
    "Grace Hopper": "GH", maya: "M", "<b>": "B", "👩‍🔬": "·", "\u202eabc": "A", "  ": "·", "مريم بنت أحمد": "مأ", "ß": "SS",
  };
  equal(Object.fromEntries(Object.keys(wanted).map((name) => [name, initials(name)])), wanted);
});

const HOST = ["change_roles", "clear_hands", "remove", "ban"];
const acts = (person, { may = HOST, canRename = false } = {}) => actsFor({ may: (each) => may.includes(each), ownId: "me", canRename }, person);
const OUT = ["lobby.send_back", "participant.remove", "participant.ban"];

test("a host moves people among the roles, never a manager, and puts nobody out who is one", () => {
  equal(acts(makeParticipant("p", { role: "speaker" })), ["role.viewer", "role.moderator", null, ...OUT]);
  equal(acts(makeParticipant("p", { role: "manager" })), []);
  equal(acts(makeParticipant("p", { role: "manager", hand_raised_at_ms: 5 })), ["hand.lower"]);
});

test("oneself one cannot put out, but rename where the room allows it, and lower one's own hand", () => {
  equal(acts(makeParticipant("me", { role: "moderator" }), { canRename: true }), ["person.rename", "role.viewer", "role.speaker"]);
  equal(acts(makeParticipant("me", { hand_raised_at_ms: 5 }), { may: [] }), ["hand.lower"]);
  equal(acts(makeParticipant("p", { hand_raised_at_ms: 5 }), { may: [] }), []);
});

test("a page of a large room starts anew with another group or search, and goes forth and back along the cursors", () => {
  const page = new RosterPage(2);
  page.turnTo("viewers");
  const first = { group: "viewers", search: null, next_cursor: "c1", participants: [] };
  page.step(first, 1);
  equal(page.wanted, { group: "viewers", cursor: "c1", limit: 2, search: null });
  equal(page.place({ next_cursor: null }), { start: 2, hasBack: true, hasNext: false });
  page.step(first, -1);
  page.step(first, -1);
  equal(page.wanted.cursor, null);
  page.step({ next_cursor: null }, 1);
  equal(page.wanted.cursor, null, "there is nothing after the last page");
  page.step(first, 1);
  page.turnTo("all", "grace");
  equal(page.wanted, { group: "all", cursor: null, limit: 2, search: "grace" });
  equal(page.of(first), null, "an answer to another question is none");
});

test("a promotion is told with what it brings, at most four things of it, and a demotion without", () => {
  const speaker = ["chat", "answer_interactions", "ask_questions", "raise_hand", "backchannel"];
  const moderator = [...speaker, "initiate_interactions", "see_line", "admit", "lock", "change_roles", "remove", "ban"];
  equal(plain(promotionWords("viewer", "speaker", speaker)), "You are now a speaker: you can speak on stage and use the backchannel.");
  const brings = "you can start polls, let people in, lock the room, and change roles.";
  equal(plain(promotionWords("speaker", "moderator", moderator)), `You are now a moderator: ${brings}`);
  equal(plain(promotionWords("moderator", "viewer", ["chat"])), "You are now a viewer.");
});

test("tools follow the permissions, and speaking on the stage the role", () => {
  const keys = (role, permissions) => toolsOf(role, permissions).map(({ key }) => key);
  equal(keys("viewer", ["chat", "raise_hand"]), ["chat"]);
  equal(keys("speaker", ["chat", "backchannel"]), ["chat", "backchannel", "speak"]);
});

test("a table of people is no place for formulas, and quotes what a comma would part", () => {
  const rows = [
    makeParticipant("p", { name: "=1+1", joined_at_ms: 0, unverified: true, email: "a@example.org" }),
    makeParticipant("q", { name: 'B, "C"', joined_at_ms: null }),
  ];
  const wanted = ["'=1+1,viewer,,no,1970-01-01 00:00:00,a@example.org,", '"B, ""C""",viewer,,yes,,,', ""];
  equal(tableOf(rows, { withAddresses: true }).split("\r\n").slice(1), wanted);
  check(!tableOf(rows, { withAddresses: false }).includes("example.org"), "addresses are for managers");
});

const target = (kind, name) => ({ kind, id: name, name });
const act = (fields) => plain(actWords({ details: {}, targets: [], more_targets: 0, actor: { kind: "person", name: "Maya" }, ...fields }));

test("an act is a sentence: who, what, whom", () => {
  const [bea, ann] = [target("person", "Bea"), target("invitation", "Ann Ode")];
  const promoted = { name: "role_changed", details: { old: "viewer", new: "speaker" }, targets: [bea, target("room", "R")] };
  equal(act(promoted), "Maya made Bea a speaker");
  equal(act({ name: "participant_removed", details: { ban: true }, targets: [bea] }), "Maya banned Bea");
  equal(act({ name: "room_changed", details: { what: "locked" }, actor: { kind: "service", name: null } }), "The service locked the room");
  equal(act({ name: "invitation_changed", details: { what: "created" }, targets: [bea, ann] }), "Maya invited Ann Ode");
});

test("of many targets three are named, and an act that is not known is told by its name", () => {
  const targets = ["A", "B", "C", "D"].map((name) => target("person", name));
  equal(act({ name: "participants_joined", targets, more_targets: 6 }), "Maya let A, B, C, and 7 more in");
  equal(act({ name: "stage_lit", details: { what: "blue" } }), "Maya: stage lit blue");
});

const PAGE = 50;
const actsFrom = (newest, count = PAGE) => Array.from({ length: count }, (_, at) => ({ seq: newest - at }));
const cursorOf = (entries) => `before ${entries.at(-1).seq}`;
const takeNewest = (list, newest) => list.takeNewest(actsFrom(newest), cursorOf(actsFrom(newest)));

test("acts that come for hours push the oldest out, and those are read again from where the list ends", () => {
  const list = new ActList();
  for (let newest = 100; newest <= 2_000; newest += 7) takeNewest(list, newest);
  const { entries, cursor } = list;
  check(entries.length > 200 && entries.length <= 300, `${entries.length} acts`);
  equal(cursor, cursorOf(entries), "the cursor is of the last act");
  check(entries.every(({ seq }, at) => at === 0 || seq === entries[at - 1].seq - 1), "none is missing between");
});

test("acts that somebody asked for stay, whatever comes", () => {
  const list = new ActList();
  takeNewest(list, 1_000);
  while (list.entries.length < 600) {
    const older = actsFrom(list.entries.at(-1).seq - 1);
    list.takeOlder(list.cursor, older, cursorOf(older));
  }
  takeNewest(list, 1_007);
  equal([list.entries.length, list.entries.at(-1).seq, list.cursor], [607, 401, "before 401"]);
});

test("older acts that come after the list was cut are not put behind a hole", () => {
  const list = new ActList();
  takeNewest(list, 100);
  const { cursor } = list;
  takeNewest(list, 900);
  list.takeOlder(cursor, actsFrom(50), null);
  equal([list.entries.length, list.cursor], [PAGE, "before 851"]);
});

/** The room's page on a fake server: focus, large rooms, notices, what is read out, the settings' form. */

import { makeParticipant, makeRoom, makeWaiter, settled } from "/pages/client/greenroom-client-testing.js";
import { PeopleNews } from "/pages/room/people-news.js";
import { check, equal, test } from "/unit/harness.js";
import { HOST, MANAGER, drawn, enter, gone, joined, waits, waitsNoMore } from "/unit/inside.js";

const menuOf = (page, id) => page.find(`li[data-participant-id="${id}"] [aria-haspopup="menu"]`);
const rowsIn = (page, group) => page.room.querySelectorAll(`[data-group="${group}"] li`);
const idsIn = (page, group) => [...rowsIn(page, group)].map(({ dataset }) => dataset.participantId);
const OWN = makeParticipant("p1", { role: "moderator" });
const roleChanged = (participant) => ({ type: "participant.role_changed", participant, old_role: "viewer", new_role: participant.role, by: "p1" });

test("the focus stays at somebody's menu when they move to another group, and goes to the next row when they leave", async () => {
  const page = await enter({ snapshot: { participants: [OWN, makeParticipant("p2", { name: "A" }), makeParticipant("p3", { name: "B" })] } });
  menuOf(page, "p2").focus();
  await page.say(roleChanged(makeParticipant("p2", { name: "A", role: "speaker" })));
  equal(idsIn(page, "speakers"), ["p2"]);
  check(document.activeElement === menuOf(page, "p2"), "the focus went along");
  await page.say(joined(makeParticipant("p4", { name: "AA", role: "speaker" })), gone("left", "p2"));
  check(document.activeElement === menuOf(page, "p4"), "the row that took its place has it");
  await page.say(gone("left", "p4"));
  equal(document.activeElement.id, "people-heading");
  page.close();
});

test("of rows that did not change, no element is made anew or touched", async () => {
  const people = ["p1", "p2", "p3"].map((id) => makeParticipant(id));
  const page = await enter({ snapshot: { participants: people } });
  const changes = [];
  const rows = [...page.room.querySelectorAll("#participants li")];
  const watch = new MutationObserver((seen) => changes.push(...seen.filter(({ target }) => rows.some((row) => row.contains(target)))));
  watch.observe(page.find("#participants"), { childList: true, subtree: true, characterData: true, attributes: true });
  await page.say(joined(makeParticipant("p9")), gone("left", "p3"));
  await drawn();
  equal(changes.length, 0);
  check(rows[0].isConnected && rows[1].isConnected && !rows[2].isConnected, "the rows are the same ones");
  page.close();
});

test("hundreds of events within a frame are drawn once", async () => {
  const page = await enter();
  const people = page.find("greenroom-participants");
  let drawings = 0;
  const render = people.render;
  people.render = function counted() { drawings += 1; render.call(this); };
  for (let n = 0; n < 300; n += 1) void page.say(joined(makeParticipant(`q${n}`)));
  await drawn();
  check(drawings <= 2, `${drawings} drawings`);
  equal(page.find("#people-heading .count").textContent, "301");
  equal(page.room.querySelectorAll('[data-group="viewers"] li').length, 100);
  page.find('[data-group="viewers"] [data-act="people.more"]').click();
  equal(page.room.querySelectorAll('[data-group="viewers"] li').length, 200);
  page.close();
});

test("a large room watches the group that is opened, page by page, and a search instead of it", async () => {
  const page = await enter({ snapshot: { large: true, participants: [OWN] } });
  const { server, client } = page;
  const watched = () => server.command("participants.watch").page;
  equal(watched(), { group: "speakers", cursor: null, limit: 100, search: null });
  server.say({ type: "counts", seq: 11, participants: 500, hands: 0, hosts: 1, speakers: 1, viewers: 498 });
  await drawn();
  page.find('[data-act="group.viewers"]').click();
  await drawn();
  equal(watched().group, "viewers");
  const viewers = { type: "roster", group: "viewers", search: null, participants: [makeParticipant("v1")], total: 498, next_cursor: "c1" };
  server.say({ ...viewers, seq: 12 });
  await drawn();
  equal(idsIn(page, "viewers"), ["v1"]);
  page.find('[data-group="viewers"] [data-act="people.next"]').click();
  await drawn();
  equal(watched().cursor, "c1");
  page.find("#people-filter").value = "Grace";
  page.find("#people-filter").dispatchEvent(new Event("input"));
  await drawn();
  equal(watched(), { group: "all", cursor: null, limit: 100, search: "Grace" });
  equal(idsIn(page, "viewers"), []);
  check(client.isLarge, "it is large");
  page.close();
});

test("a viewer sees no line, no menus and no tabs; a promotion brings them in the same drawing", async () => {
  const participants = ["p1", "p2"].map((id) => makeParticipant(id));
  const page = await enter({ role: "viewer", permissions: ["chat", "raise_hand"], snapshot: { participants } });
  check(page.find("greenroom-line").hidden && !menuOf(page, "p2"), "nothing of a host's is there");
  check(page.find('[role="tablist"]').hidden, "one tab is no tabs");
  await page.say({
    type: "refresh", role: "moderator", old_role: "viewer", role_rev: 2, permissions: HOST, by: "p9", forget: [],
    reveal: { waiters: [makeWaiter("w1", { name: "Vito" })], line: null, device_requests: [] }, token: "t3", token_expires_at_ms: 1_795_000_900_000,
  });
  check(!page.find("greenroom-line").hidden && menuOf(page, "p2"), "all of it is");
  equal(page.find("#waiters .name").textContent, "Vito");
  equal(page.find("#own-role").dataset.role, "moderator");
  check(document.querySelector('[data-notice="role"]').textContent.includes("moderator"), "and it is said");
  page.close();
});

test("thirty who wait are one notice, kept up to date, gone when nobody waits", async () => {
  const page = await enter();
  for (let n = 1; n <= 30; n += 1) await page.say(waits(makeWaiter(`w${n}`, { line_no: n })));
  const notices = [...document.querySelectorAll('[data-notice="waiting"]')];
  equal(notices.map(({ firstElementChild }) => firstElementChild.textContent), ["30 people are waiting"]);
  await page.say(waitsNoMore(...Array.from({ length: 29 }, (_, n) => `w${n + 1}`)));
  equal(notices[0].firstElementChild.textContent, "1 person is waiting");
  await page.say(waitsNoMore("w30"));
  equal(document.querySelectorAll('[data-notice="waiting"]').length, 0);
  page.close();
});

test("some of the line are picked and admitted in its order; with none picked, all are", async () => {
  const page = await enter({ snapshot: { waiters: ["w1", "w2", "w3"].map((id, n) => makeWaiter(id, { line_no: n + 1 })) } });
  const pick = (id) => page.find(`#waiters [data-participant-id="${id}"] input`).click();
  pick("w3");
  pick("w1");
  const button = page.find('[data-act="lobby.admit_picked"]');
  equal(button.textContent, "Admit 2");
  button.click();
  equal(page.server.command("lobby.admit").participant_ids, ["w1", "w3"]);
  page.server.answer("lobby.admit", { admitted: ["w1", "w3"], already_decided: [], full: [] });
  await page.say(waitsNoMore("w1", "w3"), waits(makeWaiter("w4", { line_no: 4 })));
  page.find('[data-act="lobby.admit_all"]').click();
  check(page.server.command("lobby.admit_all"), "all are let in");
  page.server.answer("lobby.admit_all", { admitted: 1, full: 1 });
  await settled();
  check(document.querySelector('[data-notice="admitted"]').textContent.includes("no seat"), "who found no seat is told");
  page.close();
});

test("one person for whom there is no seat is told of as well, from the row and from the menu", async () => {
  const page = await enter({ snapshot: { waiters: [makeWaiter("w1")] } });
  const told = () => document.querySelector('[data-notice="admitted"]')?.textContent ?? null;
  for (const [press, command, full] of [["#waiters", "lobby.admit", ["w1"]], ["#participants .section-head", "lobby.admit_all", 1]]) {
    document.querySelector('[data-notice="admitted"]')?.remove();
    page.find(`${press} [data-act="${command}"]`).click();
    page.server.answer(command, { admitted: [], already_decided: [], full });
    await settled();
    check(told()?.includes("no seat"), command);
  }
  page.close();
});

test("admitted from the keyboard, the focus is at the next who waits", async () => {
  const page = await enter({ snapshot: { waiters: ["w1", "w2"].map((id, n) => makeWaiter(id, { line_no: n + 1 })) } });
  const admit = (id) => page.find(`#waiters [data-participant-id="${id}"] [data-act="lobby.admit"]`);
  admit("w1").focus();
  await page.say(waitsNoMore("w1"));
  check(page.find('#waiters [data-participant-id="w2"]').contains(document.activeElement), "the next one has it");
  await page.say(waitsNoMore("w2"));
  equal(document.activeElement.id, "line-heading");
  page.close();
});

test("what a host writes to the lobby outlives what another host sends meanwhile", async () => {
  const page = await enter({ snapshot: { waiters: [makeWaiter("w1")], device_requests: [] } });
  page.find(".message").open = true;
  const field = page.find("#lobby-message");
  field.focus();
  field.value = "Half a sen";
  await page.say({ type: "room.changed", room: makeRoom({ lobby_message: "From Bo", rev: 2 }), what: "messaged", by: "p9" });
  equal(field.value, "Half a sen");
  page.close();
});

test("who comes and goes is read out together after a pause, and whoever did both is not", async () => {
  const page = await enter();
  const said = [];
  const tell = (text) => said.push(text.replace(/[\u2068\u2069]/gu, ""));
  const news = new PeopleNews(page.client, { pause_ms: 5, tell });
  const [ann, bo, cy] = ["Ann", "Bo", "Cy"].map((name) => makeParticipant(name[0].toLowerCase(), { name }));
  await page.say(joined(ann, bo), joined(cy), gone("left", "c"));
  await until(() => said.length === 1);
  await page.say(joined(...["d", "e", "f", "g"].map((id) => makeParticipant(id))), gone("left", "a"));
  await until(() => said.length === 2);
  await page.say(joined(...Array.from({ length: 60 }, (_, n) => makeParticipant(`crowd${n}`))));
  await new Promise((resolve) => setTimeout(resolve, 20));
  equal(said, ["Ann and Bo joined.", "4 people joined. Ann left."], "a crowd is not told one by one");
  news.stop();
  page.close();
});

test("the settings send what was changed and nothing else, and follow the room where nobody types", async () => {
  const page = await enter({ role: "manager", permissions: MANAGER, snapshot: { invitations: [], guest_links: [] } });
  page.find('[data-act="tab.settings"]').click();
  await until(() => page.find("#edit-title"));
  page.find("#settings").scrollIntoView();
  await until(() => page.server.command("domain.rules"));
  page.server.answer("domain.rules", { allowed_domains: ["example.org"], blocked_domains: [] });
  await drawn();
  const [title, seats, domains] = ["title", "capacity", "allowed_domains"].map((key) => page.find(`#edit-${key}`));
  equal([title.value, seats.value, domains.value], ["A room", "", "example.org"]);
  title.value = "Chemistry";
  await page.say({ type: "room.changed", room: makeRoom({ title: "Physics", capacity: 12, rev: 2 }), what: "edited", by: "p9" });
  equal([title.value, seats.value], ["Chemistry", "12"]);
  seats.value = "";
  page.find("#settings").requestSubmit();
  const { type, id, ...sent } = page.server.command("room.edit");
  equal(sent, { title: "Chemistry", capacity: null });
  page.close();
});

test("a sentence says who was given a role that waits for them", async () => {
  const page = await enter({ snapshot: { participants: [OWN, makeParticipant("p2", { name: "Grace" })] } });
  page.server.say({ type: "applied", participant_id: "p2", role_rev: 2, applied: 1, expected: 2, status: "pending", rev: 1 });
  await drawn();
  equal(page.find('[data-participant-id="p2"] .applied').textContent, "pending: 1 of 2 tabs");
  await page.say(gone("left", "p2"));
  page.server.say({ type: "applied", participant_id: "p2", role_rev: 2, applied: 0, expected: 0, status: "offline", rev: 2 });
  await drawn();
  equal(page.find('[data-participant-away="p2"]').textContent, "Graceoffline: applies on return");
  page.close();
});

test("whoever a role waits for is known by name, however many leave after them", async () => {
  const page = await enter({ snapshot: { participants: [OWN, makeParticipant("p2", { name: "Grace" })] } });
  page.server.say({ type: "applied", participant_id: "p2", role_rev: 2, applied: 0, expected: 1, status: "pending", rev: 1 });
  await page.say(gone("left", "p2"));
  for (let n = 0; n < 250; n += 1) await page.say(joined(makeParticipant(`crowd${n}`)), gone("left", `crowd${n}`));
  page.server.say({ type: "applied", participant_id: "p2", role_rev: 2, applied: 0, expected: 0, status: "offline", rev: 2 });
  await drawn();
  check(page.find('[data-participant-away="p2"]').textContent.startsWith("Grace"), "Grace");
  page.close();
});

test("names are text, in rows, in labels and in questions", async () => {
  const name = "<img src=x onerror=alert(1)>";
  const page = await enter({ snapshot: { participants: [OWN, makeParticipant("p2", { name })], waiters: [makeWaiter("w1", { name })] } });
  menuOf(page, "p2").click();
  page.find('[data-participant-id="p2"] [data-act="participant.ban"]').click();
  equal(document.querySelectorAll("img").length, 0);
  check(document.querySelector("dialog h2").textContent.includes(name), "it is asked by name");
  document.querySelector("dialog").close();
  page.close();
});

async function until(condition) {
  for (let turn = 0; turn < 200; turn += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`It did not come: ${condition}`);
}


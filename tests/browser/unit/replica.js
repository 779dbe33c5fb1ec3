/** The copy of the room: holes, what came twice, resuming, roles, large rooms; and that events alone tell all of it. */

import { makeLobby, makeParticipant, makeRoom, makeSnapshot, makeWaiter, makeWelcome, makeYou, settled } from "/pages/client/greenroom-client-testing.js";
import { check, equal, test } from "/unit/harness.js";
import { arrive, comeBack, frame, refresh } from "/unit/rooms.js";

const joined = (seq, ...ids) => ({ type: "participants.joined", seq, participants: ids.map((id) => makeParticipant(id)), admitted: false, by: null });
const left = (seq, ...ids) => ({ type: "participants.left", seq, participant_ids: ids, reason: "left", by: null });
const resync = (reason, snapshot, you = makeYou()) => ({ type: "resync", reason, position: { epoch: "e1", seq: snapshot.seq }, you, snapshot });
const ids = (client) => client.participants.map(({ participant_id }) => participant_id);

test("a frame that joins is taken in and told", async () => {
  const { client, server, told, names } = await arrive();
  server.say(frame(10, 11, joined(11, "p2")));
  equal(ids(client), ["p1", "p2"]);
  equal(names(), ["participantJoined"]);
  equal(told[0][1].participant.participant_id, "p2");
  equal(client.position, { epoch: "e1", seq: 11 });
});

test("a frame beyond a hole is dropped, the room is asked for once, and comes whole", async () => {
  const { client, server } = await arrive();
  server.say(frame(11, 12, joined(12, "p3")));
  server.say(frame(12, 13, joined(13, "p4")));
  equal(ids(client), ["p1"]);
  equal(server.heard.filter(({ type }) => type === "sync").length, 1);
  server.say(resync("sync", makeSnapshot({ seq: 13, participants: ["p1", "p2", "p3", "p4"].map((id) => makeParticipant(id)) })));
  server.answer("sync");
  server.say(frame(13, 14, left(14, "p4")));
  equal(ids(client), ["p1", "p2", "p3"]);
  server.say(frame(20, 21, joined(21, "p9")));
  equal(server.heard.filter(({ type }) => type === "sync").length, 2, "a hole after that is another one");
});

test("a sync that is refused makes room for a new connection", async () => {
  const { client, server } = await arrive();
  server.say(frame(11, 12, joined(12, "p3")));
  const { id } = server.command("sync");
  server.say({ type: "refused", id, code: "store_unavailable", message: "", next_step: "", retry_after_ms: 2_000 });
  await settled();
  equal(client.state, "reconnecting");
});

test("a sync that a new connection made needless is not asked again", async () => {
  const opened = await arrive();
  opened.server.say(frame(11, 12, joined(12, "p3")));
  await comeBack(opened, makeWelcome({ snapshot: makeSnapshot({ seq: 12 }) }));
  check(!opened.server.command("sync"), "the room has come whole");
  opened.server.say(frame(13, 14, joined(14, "p4")));
  check(opened.server.command("sync"), "but the next hole is asked about");
});

test("what came before is skipped, and several events of one seq all count", async () => {
  const { client, server, names } = await arrive();
  server.say(frame(9, 11, joined(10, "p8"), joined(11, "p2"), left(11, "p1")));
  equal(ids(client), ["p2"], "p8 is older than the snapshot");
  server.say(frame(9, 11, joined(10, "p8"), joined(11, "p2"), left(11, "p1")));
  equal(names(), ["participantJoined", "participantLeft"], "the second time nothing happens");
  server.say(frame(11, 40));
  equal(client.position.seq, 40, "numbers may be jumped over");
  server.say(frame(11, 12, joined(12, "p7")));
  equal([client.position.seq, ids(client)], [40, ["p2"]], "and what is late is late");
});

test("who resumes keeps the own place and hears what was missed", async () => {
  const opened = await arrive();
  opened.server.say(frame(10, 12, joined(12, "p2")));
  const hello = await comeBack(opened, makeWelcome({ resumed: true, snapshot: makeSnapshot({ seq: 14 }), connection_id: "c2" }));
  equal(hello.resume, { epoch: "e1", seq: 12 });
  equal(hello.replaces, "c1");
  equal(hello.token, "t2", "the newest token");
  opened.server.say(frame(12, 14, left(14, "p2")));
  equal(ids(opened.client), ["p1"]);
});

test("who cannot resume is told what is different, and no more", async () => {
  const opened = await arrive(makeWelcome({ snapshot: makeSnapshot({ participants: ["p1", "p2"].map((id) => makeParticipant(id)) }) }));
  const rows = [makeParticipant("p1"), makeParticipant("p3")];
  await comeBack(opened, makeWelcome({ epoch: "e2", snapshot: makeSnapshot({ seq: 2, participants: rows, room: makeRoom({ locked: true }) }) }));
  equal(opened.names(), ["participantLeft", "participantJoined", "roomChanged"]);
  equal(opened.client.position, { epoch: "e2", seq: 2 });
});

test("a role that changed while the connection was away is told, and a resumed copy comes whole again", async () => {
  const opened = await arrive();
  const you = makeYou({ role: "moderator", role_rev: 2, permissions: ["admit"] });
  await comeBack(opened, makeWelcome({ resumed: true, you }));
  const [, change] = opened.told.find(([name]) => name === "roleChanged");
  equal([change.from, change.to, change.permissions], ["viewer", "moderator", ["admit"]]);
  check(opened.server.command("sync"), "the lists of the old role are no good");
  equal(opened.server.command("ack").role_rev, 2);
  opened.server.say(resync("role", makeSnapshot({ waiters: [makeWaiter("w1")] }), you));
  opened.server.answer("sync");
  equal(opened.names(), ["roleChanged", "waiterAdded"], "told once");
});

test("a promotion shows its lists in the same message, is acknowledged, and its token is the next hello's", async () => {
  const opened = await arrive();
  const { client, server, told } = opened;
  server.say(frame(10, 11, refresh(11, { reveal: { waiters: [makeWaiter("w1")], line: null, device_requests: [] } })));
  equal([client.me.role, client.may("admit"), client.waiters.length], ["moderator", true, 1]);
  const names = told.map(([name]) => name);
  check(names.indexOf("roleChanged") < names.indexOf("waiterAdded"), "first the role, then what it shows");
  equal(server.command("ack"), { type: "ack", role_rev: 2 });
  server.say(frame(11, 12, refresh(12, { role: "viewer", old_role: "moderator", role_rev: 3, permissions: ["chat"], reveal: null, forget: ["waiters", "device_requests"], token: "t4" })));
  equal([client.waiters, client.may("admit")], [null, false]);
  equal((await comeBack(opened, makeWelcome({ resumed: true, you: makeYou({ role_rev: 3 }) }))).token, "t4");
});

test("rows are frozen, and a list is the same one until something in it changes", async () => {
  const { client, server } = await arrive();
  const before = client.participants;
  check(before === client.participants && Object.isFrozen(before) && Object.isFrozen(before[0]), "frozen and kept");
  server.say({ type: "tick", now_ms: 1_795_000_000_000, starts_at_ms: null, rev: 1 });
  check(before === client.participants, "a tick changes no list");
  server.say(frame(10, 11, joined(11, "p2")));
  check(before !== client.participants && before.length === 1, "another one, and the old one as it was");
});

test("a listener that is told finds everything in its place", async () => {
  const { client, server } = await arrive();
  let seen = null;
  client.on("participantJoined", () => { seen = [ids(client), client.room.locked, client.position.seq]; });
  server.say(frame(10, 12, joined(11, "p2"), { type: "room.changed", seq: 12, room: makeRoom({ locked: true }), what: "locked", by: null }));
  equal(seen, [["p1", "p2"], true, 12]);
});

test("outside the room nothing of it is left", async () => {
  const { client, server, names, told } = await arrive();
  server.say({ type: "applied", participant_id: "p2", role_rev: 2, applied: 1, expected: 1, status: "applied", rev: 1 });
  told.length = 0;
  server.say({ type: "lobby", lobby: makeLobby({ state: "removed" }), you: makeYou({ state: "removed" }), left: "removed" });
  equal([client.place, client.room, client.participants, client.position, client.applied.size], ["lobby", null, [], null, 0]);
  equal(names(), ["participantLeft", "lobbyChanged", "removed"]);
});

test("from the lobby one is declined, and admitted", async () => {
  const { client, server, names } = await arrive(makeWelcome({ lobby: makeLobby() }));
  equal(client.place, "lobby");
  server.say({ type: "lobby", lobby: makeLobby({ state: "declined", can_knock: true, decline_message: "Later" }), you: makeYou({ state: "declined" }), left: null });
  server.say({ type: "lobby", lobby: makeLobby({ state: "declined", can_knock: true, rev: 3 }), you: makeYou({ state: "declined" }), left: null });
  server.say({ type: "entered", you: makeYou(), position: { epoch: "e1", seq: 20 }, snapshot: makeSnapshot({ seq: 20 }), token: "t5", token_expires_at_ms: 1_795_000_900_000 });
  equal(names(), ["lobbyChanged", "declined", "lobbyChanged", "participantJoined", "roomChanged", "admitted"]);
  equal([client.place, client.lobby], ["inside", null]);
});

test("what has changed is told last, and once a message", async () => {
  const opened = await arrive(makeWelcome({ lobby: makeLobby() }));
  const { server, told } = opened;
  const you = makeYou({ role: "speaker", role_rev: 2 });
  const entered = { type: "entered", you: makeYou(), position: { epoch: "e1", seq: 20 }, snapshot: makeSnapshot({ seq: 20 }), token: "t5", token_expires_at_ms: 1_795_000_900_000 };
  for (const [message, own] of [
    [{ type: "lobby", lobby: makeLobby({ state: "declined" }), you: makeYou({ state: "declined" }), left: null }, "declined"],
    [entered, "admitted"],
    [resync("role", makeSnapshot({ seq: 21 }), you), "roleChanged"],
    [frame(21, 22, joined(22, "p2")), "participantJoined"],
    [{ type: "stale", stale: true, since_ms: 1 }, "stale"],
    [{ type: "lobby", lobby: makeLobby({ state: "removed" }), you: makeYou({ state: "removed" }), left: "removed" }, "removed"],
  ]) {
    told.length = 0;
    server.say(message);
    const names = told.map(([name]) => name);
    check(names.includes(own), `${own} is told`);
    equal([names.indexOf("changed"), names.lastIndexOf("changed")], [names.length - 1, names.length - 1], own);
  }
  told.length = 0;
  server.say({ type: "tick", now_ms: 1_795_000_000_000, starts_at_ms: null, rev: 1 });
  server.say({ type: "events", after: 22, upto: 30, events: [] });
  equal(told.map(([name]) => name), ["tick"], "nothing that can be seen");
});

// A host's tab, and a copy of its line that is kept by events alone.
async function arriveAsHost(waiters) {
  const you = makeYou({ role: "moderator", permissions: ["admit", "see_line"] });
  const opened = await arrive(makeWelcome({ you, snapshot: makeSnapshot({ waiters }) }));
  const { client, server } = opened;
  const copy = new Map(waiters.map((row) => [row.participant_id, row]));
  for (const name of ["waiterAdded", "waiterUpdated"]) client.on(name, ({ waiter }) => copy.set(waiter.participant_id, waiter));
  client.on("waiterRemoved", ({ waiter }) => copy.delete(waiter.participant_id));
  const line = (seq, rows, total) => server.say({ type: "line", seq, waiters: rows, total, next_cursor: null });
  const agrees = (rows, total, what) => {
    const ids = (list) => list.map(({ participant_id }) => participant_id);
    equal([ids(client.waiters), ids([...copy.values()].sort((a, b) => a.line_no - b.line_no)), client.waiterCount], [ids(rows), ids(rows), total], what);
  };
  return { ...opened, you, line, agrees };
}

test("a line that grows long keeps its rows, and its head is told like any list", async () => {
  const rows = Array.from({ length: 120 }, (_, n) => makeWaiter(`w${n}`, { line_no: n + 1 }));
  const opened = await arriveAsHost(rows.slice(0, 100));
  const { client, server, you, line, agrees, told } = opened;
  server.say(resync("grown", makeSnapshot({ seq: 11 }), you));
  agrees(rows.slice(0, 100), 100, "until the head comes");
  equal(client.toSnapshot().waiters, null, "as the server would say it");
  line(11, rows.slice(0, 100), 101);
  agrees(rows.slice(0, 100), 101, "long");
  equal(told.filter(([name]) => name.startsWith("waiter")), [], "nobody came among them, and nobody has gone");
  line(12, rows.slice(2, 102), 118);
  agrees(rows.slice(2, 102), 118, "two were admitted");
  line(11, rows.slice(0, 100), 101);
  agrees(rows.slice(2, 102), 118, "what is late is late");
  await comeBack(opened, makeWelcome({ you, epoch: "e2", snapshot: makeSnapshot({ seq: 1 }) }));
  line(1, rows.slice(10, 110), 110);
  agrees(rows.slice(10, 110), 110, "after another connection");
  server.say(resync("shrunk", makeSnapshot({ seq: 2, waiters: rows.slice(50) }), you));
  agrees(rows.slice(50), 70, "short again");
  equal(client.toSnapshot().waiters.length, 70);
});

test("a role shows the head of a long line, and takes it away", async () => {
  const { client, server, line, agrees } = await arriveAsHost([]);
  const rows = [makeWaiter("w1"), makeWaiter("w2", { line_no: 2 })];
  const away = { role: "viewer", old_role: "moderator", permissions: ["chat"], reveal: null };
  server.say(frame(10, 11, refresh(11, { ...away, forget: ["waiters", "device_requests"] })));
  equal([client.waiters, client.waiterCount], [null, null]);
  server.say(frame(11, 12, refresh(12, { role_rev: 3, reveal: { waiters: null, line: { waiters: rows, total: 101, next_cursor: "c" }, device_requests: [] } })));
  agrees(rows, 101, "revealed");
  equal(client.toSnapshot().waiters, null);
  line(13, rows.slice(1), 100);
  agrees(rows.slice(1), 100, "and kept");
  server.say(frame(12, 13, refresh(13, { ...away, role_rev: 4, forget: ["line", "device_requests"] })));
  equal([client.waiters, client.waiterCount], [null, null]);
  server.say(frame(13, 14, refresh(14, { role_rev: 5, reveal: { waiters: rows, line: null, device_requests: [] } })));
  agrees(rows, 2, "nothing of the head was left");
  equal(client.toSnapshot().waiters.length, 2);
});

test("of a large room the latest state wins, and the watched page is asked for again", async () => {
  const large = makeWelcome({ snapshot: makeSnapshot({ large: true }) });
  const opened = await arrive(large);
  const { client, server } = opened;
  const counts = (seq, participants) => ({ type: "counts", seq, participants, hands: 0, hosts: 1, speakers: 0, viewers: participants - 1 });
  server.say(counts(12, 300));
  server.say(counts(11, 299));
  equal([client.isLarge, client.counts.participants], [true, 300]);
  server.say({ type: "roster", seq: 12, group: "viewers", search: null, participants: [makeParticipant("p7")], total: 1, next_cursor: null });
  equal(client.participant("p7").participant_id, "p7");
  client.watch({ group: "viewers" });
  client.watch({ group: "viewers" });
  equal(server.heard.filter(({ type }) => type === "participants.watch").length, 1);
  server.answer("participants.watch");
  await comeBack(opened, large);
  equal(server.command("participants.watch").page, { group: "viewers" });
  equal(client.counts, null, "what was told before a new copy is forgotten");
});

test("of what was applied the highest revision counts, until somebody else gives another role", async () => {
  const { client, server } = await arrive(makeWelcome({ snapshot: makeSnapshot({ participants: ["p1", "p2"].map((id) => makeParticipant(id)) }) }));
  const applied = (rev, status) => ({ type: "applied", participant_id: "p2", role_rev: 2, applied: 1, expected: 1, status, rev });
  server.say(applied(2, "applied"));
  server.say(applied(1, "pending"));
  equal(client.applied.get("p2").status, "applied");
  server.say(frame(10, 11, { type: "participant.role_changed", seq: 11, participant: makeParticipant("p2", { role: "speaker" }), old_role: "viewer", new_role: "speaker", by: "p5" }));
  equal(client.applied.size, 0);
});

test("whatever happens, a copy kept by events alone equals the lists, and the lists equal the snapshot", async () => {
  for (let seed = 1; seed <= 30; seed += 1) await playAtRandom(seed);
});

// A server that keeps its own truth, at random: frames, frames twice, holes, whole copies, other roles.
async function playAtRandom(seed) {
  const random = mulberry(seed);
  const pick = (items) => items[Math.floor(random() * items.length)];
  const truth = { seq: 10, participants: new Map([["p1", makeParticipant("p1")]]), waiters: new Map() };
  const snapshot = () => makeSnapshot({
    seq: truth.seq,
    participants: [...truth.participants.values()].sort((a, b) => (a.participant_id < b.participant_id ? -1 : 1)),
    waiters: [...truth.waiters.values()].sort((a, b) => a.line_no - b.line_no),
  });
  const opened = await arrive(makeWelcome({ snapshot: snapshot() }));
  const { client, server } = opened;
  const copies = { participant: new Map(client.participants.map((row) => [row.participant_id, row])), waiter: new Map() };
  for (const [noun, came, changed, went] of [["participant", "participantJoined", "participantUpdated", "participantLeft"], ["waiter", "waiterAdded", "waiterUpdated", "waiterRemoved"]]) {
    for (const name of [came, changed]) client.on(name, (detail) => copies[noun].set(detail[noun].participant_id, detail[noun]));
    client.on(went, (detail) => copies[noun].delete(detail[noun].participant_id));
  }
  const step = () => {
    const after = truth.seq;
    const seq = (truth.seq += 1 + Math.floor(random() * 3));
    const id = `p${Math.floor(random() * 8)}`;
    const events = [];
    if (random() < 0.4) {
      truth.participants.delete(id);
      events.push(left(seq, id));
    } else {
      const row = makeParticipant(id, { name: `n${seq}` });
      truth.participants.set(id, row);
      events.push({ ...joined(seq), participants: [row] });
      if (truth.waiters.delete(id)) events.push({ type: "waiters.removed", seq, participant_ids: [id], reason: "admitted", by: null });
    }
    if (random() < 0.3) {
      const row = makeWaiter(`w${seq}`, { line_no: seq });
      truth.waiters.set(row.participant_id, row);
      events.push({ type: "waiters.added", seq, waiters: [row] });
    }
    return frame(after, seq, ...events);
  };
  for (let turn = 0; turn < 40; turn += 1) {
    const next = step();
    const way = pick(["say", "say", "twice", "lose", "drop"]);
    if (way === "drop") await comeBack(opened, makeWelcome({ snapshot: snapshot(), epoch: pick(["e1", "e2"]) }));
    else if (way !== "lose") for (let time = 0; time < (way === "twice" ? 2 : 1); time += 1) server.say(next);
    if (server.command("sync") && !server.command("sync").isAnswered) {
      server.say(resync("sync", snapshot()));
      server.answer("sync");
      server.command("sync").isAnswered = true;
    }
    await settled();
    const sorted = (rows) => [...rows.values()].sort((a, b) => (a.participant_id < b.participant_id ? -1 : 1));
    equal(sorted(copies.participant), client.participants, `seed ${seed}, turn ${turn}`);
    equal(sorted(copies.waiter), [...client.waiters].sort((a, b) => (a.participant_id < b.participant_id ? -1 : 1)), `seed ${seed}, turn ${turn}`);
    if (client.position.seq === truth.seq) equal(client.toSnapshot(), snapshot(), `seed ${seed}, turn ${turn}`);
  }
}

function mulberry(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

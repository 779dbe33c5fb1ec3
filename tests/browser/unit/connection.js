/** The way back, silence, tokens, commands whose answer was lost, the clock. */

import { Refused, RoomClient, ServerClock } from "/pages/client/greenroom-client.js";
import { FakeTime, FakeTransport, makeLobby, makeWelcome, settled } from "/pages/client/greenroom-client-testing.js";
import { check, equal, refusalOf, test } from "/unit/harness.js";
import { arrive, comeBack, openClient } from "/unit/rooms.js";

const states = (told) => told.filter(([name]) => name === "stateChanged").map(([, { state }]) => state);

test("arriving is told once it is known where", async () => {
  const { client, server, told } = openClient();
  equal(client.state, "idle");
  const arrival = client.connect();
  check(arrival === client.connect(), "asked twice, it connects once");
  const hello = await server.welcome(makeWelcome({ lobby: makeLobby() }));
  equal(await arrival, "lobby");
  equal([hello.token, hello.resume, hello.replaces, hello.proof], ["t1", undefined, undefined, undefined]);
  equal(server.sockets.length, 1);
  equal(server.socket.address, "ws://localhost/v1/ws");
  equal(states(told), ["connecting", "connected"]);
});

test("the device signs the challenge of each connection", async () => {
  const device = { sign: async (text) => `signed ${text}` };
  const { client, server } = openClient({ device });
  client.connect();
  equal((await server.welcome()).proof, "signed greenroom-hello:n");
});

test("a signature that comes too late is not said on the next connection", async () => {
  const signatures = [];
  const device = { sign: () => new Promise((resolve) => signatures.push(resolve)) };
  const { client, server, time } = openClient({ device });
  const challenge = (nonce) => server.say({ type: "challenge", nonce, now_ms: time.true_ms, protocol: "greenroom.v1" });
  client.connect();
  await settled();
  challenge("n1");
  server.drop();
  await time.advance(time.next_ms);
  await settled();
  challenge("n2");
  signatures[0]("old");
  signatures[1]("new");
  await settled();
  equal(server.heard.map(({ proof }) => proof), ["new"]);
});

test("the challenge tells the time already", async () => {
  const time = new FakeTime({ skew_ms: 5_000 });
  const { client, server } = openClient({ time });
  client.connect();
  await settled();
  server.say({ type: "challenge", nonce: "n", now_ms: time.true_ms, protocol: "greenroom.v1" });
  equal(client.now(), time.true_ms);
});

test("the pauses grow, are spread whole, and stop growing", async () => {
  const { client, server, time } = openClient({ random: () => 1 });
  client.connect();
  const pauses = [];
  for (let turn = 0; turn < 8; turn += 1) {
    await settled();
    server.drop();
    pauses.push(client.retryAtMs - time.now());
    await time.advance(pauses.at(-1));
  }
  equal(pauses, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
  const lucky = openClient({ random: () => 0 });
  lucky.client.connect();
  await settled();
  lucky.server.drop();
  equal(lucky.client.retryAtMs - lucky.time.now(), 0, "from nothing on");
});

test("the server's own pause comes before the spread, and nothing wakes a client before it", async () => {
  const { client, server, time } = await arrive();
  server.drop({ code: 4410, bye: { code: "shutting_down", retry_after_ms: 3_000 } });
  equal([client.state, client.willRetry, client.reason.code], ["reconnecting", true, "shutting_down"]);
  equal(client.retryAtMs - time.now(), 3_250);
  dispatchEvent(new Event("online"));
  check(client.retryAtMs - time.now() >= 3_000, "the network being back is no reason to come too early");
  await time.advance(3_125);
  await settled();
  equal(server.sockets.length, 2);
});

for (const [target, name] of [[globalThis, "online"], [globalThis, "pageshow"], [document, "visibilitychange"]]) {
  test(`a pause ends early at ${name}`, async () => {
    const opened = openClient({ random: () => 0.5 });
    opened.client.connect();
    for (let turn = 0; turn < 7; turn += 1) {
      await settled();
      opened.server.drop();
      if (turn < 6) await opened.time.advance(opened.time.next_ms);
    }
    equal(opened.client.retryAtMs - opened.time.now(), 10_000);
    target.dispatchEvent(new Event(name));
    equal(opened.client.retryAtMs - opened.time.now(), 125, "a moment, for all tabs do so at once");
    opened.client.disconnect();
  });
}

test("a connection that lasted starts from a short pause again", async () => {
  const opened = await arrive(makeWelcome(), { random: () => 1 });
  for (let turn = 0; turn < 3; turn += 1) {
    opened.server.drop();
    await opened.time.advance(opened.time.next_ms);
    await settled();
  }
  await opened.server.welcome();
  opened.server.drop();
  equal(opened.client.retryAtMs - opened.time.now(), 4_000, "it had not lasted");
  await opened.time.advance(4_000);
  await opened.server.welcome();
  await opened.time.advance(11_000);
  opened.server.drop();
  equal(opened.client.retryAtMs - opened.time.now(), 500);
});

for (const [what, how, code] of [
  ["a close code of 4500 and more", { code: 4526, bye: { code: "banned" } }, "banned"],
  ["such a code without a word", { code: 4599 }, "closed_4599"],
  ["a bye that names no pause", { code: 1006, bye: { code: "session_ended" } }, "session_ended"],
]) {
  test(`it is over after ${what}`, async () => {
    const { client, server, time, told } = await arrive();
    const waiting = refusalOf(client.command("hand.raise"));
    server.drop(how);
    equal([client.state, client.willRetry, client.reason.code], ["ended", false, code]);
    equal((await waiting).code, code);
    await time.advance(120_000);
    equal(server.sockets.length, 1);
    equal(states(told), ["ended"]);
    equal((await refusalOf(client.command("hand.raise"))).code, "ended");
  });
}

test("a way in that ends refuses the arrival", async () => {
  const { client, server } = openClient();
  const arrival = refusalOf(client.connect());
  await settled();
  server.drop({ code: 4522, bye: { code: "session_ended", message: "It has ended.", next_step: "Go." } });
  const refusal = await arrival;
  equal([refusal instanceof Refused, refusal.code, refusal.message, refusal.nextStep, refusal.retryAfterMs], [true, "session_ended", "It has ended.", "Go.", null]);
});

test("a token that is no longer good is asked for again, three times at most", async () => {
  const asked = [];
  const getToken = ({ refusal }) => {
    asked.push(refusal?.code ?? null);
    return `t${asked.length}`;
  };
  const { client, server } = openClient({ getToken });
  client.connect();
  for (let turn = 0; turn < 4; turn += 1) {
    await settled();
    server.drop({ code: 4404, bye: { code: "token_expired", retry_after_ms: 0 } });
  }
  equal(asked, [null, "token_expired", "token_expired", "token_expired"]);
  equal([client.state, client.reason.code], ["ended", "token_expired"]);
});

test("a sign-in that breaks is told and tried again; one that is refused ends it", async () => {
  let turn = 0;
  const getToken = async () => {
    turn += 1;
    if (turn === 1) throw new TypeError("no network");
    if (turn === 2) throw new Refused({ code: "store_unavailable", message: "Later.", retry_after_ms: 2_000 });
    throw new Refused({ code: "not_invited", message: "No." });
  };
  const { client, time, told } = openClient({ getToken });
  client.connect();
  await settled();
  equal(told.filter(([name]) => name === "error").length, 1);
  equal([client.state, client.reason.code], ["reconnecting", "unreachable"]);
  await time.advance(time.next_ms);
  await settled();
  equal(client.reason.code, "store_unavailable");
  check(client.retryAtMs - time.now() >= 2_000, "as long as it said");
  await time.advance(time.next_ms);
  await settled();
  equal([client.state, client.reason.code], ["ended", "not_invited"]);
});

for (const code of ["token_expired", "token_invalid", "proof_invalid"]) {
  test(`a sign-in that is over itself (${code}) ends it, at the start and later`, async () => {
    const getToken = async ({ refusal }) => {
      if (refusal || isOver) throw new Refused({ code, message: "Sign in again.", retry_after_ms: 0 });
      return "t1";
    };
    let isOver = true;
    const first = openClient({ getToken });
    equal((await refusalOf(first.client.connect())).code, code);
    equal([first.client.state, first.time.next_ms], ["ended", null]);
    isOver = false;
    const { client, server, time } = await arrive(makeWelcome(), { getToken });
    server.drop({ code: 4404, bye: { code: "token_expired", retry_after_ms: 0 } });
    await settled();
    equal([client.state, client.reason.code, time.next_ms], ["ended", code, null]);
  });
}

test("the token is renewed before it runs out", async () => {
  const { client, server, time } = await arrive(makeWelcome(), { random: () => 0 });
  let kept = null;
  client.on("token", ({ token }) => { kept = token; });
  for (let passed = 0; passed < 840_000; passed += 30_000) {
    server.say({ type: "tick", now_ms: time.true_ms, starts_at_ms: null, rev: 1 });
    check(!server.command("token.renew"), "not at once");
    await time.advance(30_000);
  }
  server.answer("token.renew", { token: "t9", token_expires_at_ms: time.true_ms + 900_000 });
  await settled();
  equal(kept, "t9");
});

test("silence is believed at the second look, and a word in between is enough", async () => {
  const { client, server, time } = await arrive(makeWelcome({ heartbeat_ms: 20_000 }));
  await time.advance(20_100);
  equal(client.state, "connected", "a tab that slept finds its timers first, then its messages");
  server.say({ type: "tick", now_ms: time.true_ms, starts_at_ms: null, rev: 1 });
  await time.advance(2_000);
  equal(client.state, "connected");
  await time.advance(22_000);
  equal(client.state, "reconnecting");
});

test("a tab that is seen again asks for a word, and takes another connection when none comes", async () => {
  const { client, server, time } = await arrive();
  await time.advance(3_000);
  document.dispatchEvent(new Event("visibilitychange"));
  check(server.command("token.renew"), "anything that is answered");
  server.answer("token.renew", { token: "t8", token_expires_at_ms: time.true_ms + 900_000 });
  await time.advance(6_000);
  equal(client.state, "connected");
  document.dispatchEvent(new Event("visibilitychange"));
  await time.advance(5_000);
  equal(client.state, "reconnecting");
});

test("a handshake that hangs is given up", async () => {
  const { client, server, time } = openClient();
  client.connect();
  await settled();
  server.say({ type: "challenge", nonce: "n", now_ms: time.true_ms, protocol: "greenroom.v1" });
  await time.advance(15_000);
  equal(client.state, "reconnecting");
});

test("an answer is the answer to its command, and a no has its words", async () => {
  const { client, server } = await arrive();
  const first = client.command("hand.raise");
  const second = client.command("role.change", { participant_id: "p2", role: "speaker" });
  const { id, ...said } = server.command("role.change");
  equal(said, { participant_id: "p2", role: "speaker", type: "role.change" });
  server.say({ type: "refused", id, code: "busy", message: "Not now.", next_step: "Wait.", retry_after_ms: 200 });
  server.answer("hand.raise", { changed: 1 }, 11);
  equal(await first, { changed: 1, seq: 11 });
  const refusal = await refusalOf(second);
  equal([refusal.code, refusal.message, refusal.nextStep, refusal.retryAfterMs, refusal.requestId], ["busy", "Not now.", "Wait.", 200, id]);
});

test("a command whose answer was lost is sent again under its id, on every new connection", async () => {
  const opened = await arrive();
  const answer = opened.client.command("hand.raise");
  const { id } = opened.server.command("hand.raise");
  await comeBack(opened, makeWelcome({ resumed: true }));
  equal(opened.server.command("hand.raise").id, id);
  await comeBack(opened, makeWelcome());
  equal(opened.server.command("hand.raise").id, id);
  opened.server.answer("hand.raise", { changed: 1 });
  equal(await answer, { changed: 1, seq: null });
  await comeBack(opened, makeWelcome());
  check(!opened.server.command("hand.raise"), "once it is answered it is done");
});

test("a command has a time limit, and says whether it was ever sent", async () => {
  const { client, server, time } = await arrive();
  const sent = refusalOf(client.command("hand.raise", {}, { id: "mine", limitMs: 2_000 }));
  equal(server.command("hand.raise").id, "mine");
  await time.advance(2_000);
  equal([(await sent).code, (await sent).requestId, (await sent).isTransient], ["unconfirmed", "mine", false]);
  server.drop({ code: 4410, bye: { code: "shutting_down", retry_after_ms: 60_000 } });
  const never = refusalOf(client.command("hand.lower", {}, { limitMs: 1_000 }));
  await time.advance(1_000);
  equal([(await never).code, (await never).isTransient], ["not_sent", true]);
});

test("who leaves says so, and does not come back", async () => {
  const { client, server, time } = await arrive();
  const gone = client.leave();
  server.answer("leave");
  server.drop({ code: 1000 });
  await gone;
  equal(client.state, "ended");
  await time.advance(60_000);
  equal(server.sockets.length, 1);
  client.connect();
  await server.welcome();
  equal([client.state, client.place], ["connected", "inside"], "unless asked to");
});

const failing = async () => { throw new TypeError("no network"); };
const losing = async ({ server }) => server.drop();
for (const [where, isIt, options, act] of [
  ["connecting", ({ state }) => state === "connecting"],
  ["connected", ({ state }) => state === "connected"],
  ["waiting to come back", ({ retryAtMs }) => retryAtMs !== null, {}, losing],
  ["coming back", ({ state, retryAtMs }) => state === "reconnecting" && retryAtMs === null, {}, async ({ server, time }) => {
    server.drop();
    await time.advance(time.next_ms);
  }],
  ["a token that has run out", ({ state }) => state === "reconnecting", {}, async ({ server }) => {
    server.drop({ code: 4404, bye: { code: "token_expired", retry_after_ms: 0 } });
  }],
  ["a sign-in that broke", ({ error }) => error, { getToken: failing }],
]) {
  test(`who disconnects when told of ${where} is disconnected`, async () => {
    const opened = openClient(options);
    const { client, server, time, told } = opened;
    for (const name of ["stateChanged", "error"]) client.on(name, (detail) => { if (isIt(detail)) client.disconnect(); });
    client.connect().catch(() => {});
    await settled();
    if (client.state === "connecting") await server.welcome();
    await act?.(opened);
    await settled();
    const opens = server.sockets.length;
    await time.advance(120_000);
    await settled();
    equal([client.state, server.sockets.length, time.next_ms], ["ended", opens, null]);
    equal(states(told).filter((state) => state === "ended").length, 1, "and told so once");
  });
}

test("a listener that disconnects and connects anew has one connection", async () => {
  const { client, server } = openClient();
  const stop = client.on("stateChanged", ({ state }) => {
    if (state !== "connecting") return;
    stop();
    client.disconnect();
    client.connect();
  });
  client.connect().catch(() => {});
  await server.welcome();
  equal([client.state, server.sockets.length], ["connected", 1]);
});

test("a command that is more than the server takes is refused at once, counted in bytes", async () => {
  const limits = { max_frame_bytes: 200, commands_per_s: 20, commands_burst: 40, tabs_per_person: 10 };
  const opened = await arrive(makeWelcome({ limits }));
  const { client, server } = opened;
  const edit = (title, id) => client.command("room.edit", { title }, { id });
  const refusal = await refusalOf(edit("ä".repeat(90), "a"));
  equal([refusal.code, refusal.requestId, refusal.isTransient], ["too_large", "a", false]);
  check(!server.command("room.edit"), "it was not sent");
  const fits = edit("a".repeat(90), "b");
  server.answer("room.edit");
  await fits;
  server.drop();
  const queued = refusalOf(edit("ä".repeat(90), "c"));
  await opened.time.advance(opened.time.next_ms);
  await server.welcome(makeWelcome({ limits }));
  equal([(await queued).code, server.command("room.edit")], ["too_large", undefined]);
});

test("who asks again under an id that waits has the whole time for it", async () => {
  const { client, time, server } = await arrive();
  const first = refusalOf(client.command("hand.raise", {}, { id: "mine", limitMs: 2_000 }));
  await time.advance(1_500);
  const second = client.command("hand.raise", {}, { id: "mine", limitMs: 2_000 });
  equal((await first).code, "unconfirmed");
  await time.advance(1_500);
  server.answer("hand.raise", { changed: 1 });
  equal(await second, { changed: 1, seq: null });
});

test("a listener that breaks hurts nobody, and one that was taken away hears nothing", async () => {
  const { client, server } = await arrive();
  const heard = [];
  const seen = [];
  const onError = (event) => {
    event.preventDefault();
    seen.push(event.error.message);
  };
  addEventListener("error", onError);
  client.on("tick", () => { throw new Error("theirs"); });
  const stop = client.on("tick", () => heard.push("tick"));
  const tick = { type: "tick", now_ms: 1_795_000_000_000, starts_at_ms: null, rev: 1 };
  server.say(tick);
  stop();
  server.say(tick);
  removeEventListener("error", onError);
  equal([heard, seen], [["tick"], ["theirs", "theirs"]]);
});

test("a message of a kind that is not known yet changes nothing", async () => {
  const { client, server } = await arrive();
  server.say({ type: "from.the.future", seq: 1 });
  server.say({ type: "events", after: 10, upto: 11, events: [{ type: "of.tomorrow", seq: 11 }] });
  equal([client.state, client.position.seq], ["connected", 11]);
});

for (const hours of [1, -1]) {
  test(`a clock that is ${hours} h off counts down like any other`, async () => {
    const time = new FakeTime({ skew_ms: hours * 3_600_000 });
    const { client, server } = await arrive(makeWelcome(), { time });
    equal(client.now(), time.true_ms);
    equal(client.clock.offset_ms, -hours * 3_600_000);
    equal(client.remainingMs(time.true_ms + 90_000), 90_000);
    await time.advance(30_000);
    server.say({ type: "tick", now_ms: time.true_ms, starts_at_ms: null, rev: 1 });
    equal(client.remainingMs(time.true_ms + 60_000), 60_000);
    equal(client.remainingMs(time.true_ms - 1), 0);
  });
}

test("the shortest round trip tells the offset best, and a clock that is set starts anew", async () => {
  const time = new FakeTime();
  const clock = new ServerClock(time);
  const trip = async (out_ms, back_ms) => {
    const mark = clock.mark();
    await time.advance(out_ms);
    const now_ms = time.true_ms + 5_000;
    await time.advance(back_ms);
    clock.sample(now_ms, mark);
  };
  await trip(200, 300);
  equal(clock.offset_ms, 4_950, "half of a long trip errs by fifty");
  await trip(20, 20);
  equal(clock.offset_ms, 5_000);
  await trip(1_000, 3_000);
  equal(clock.offset_ms, 5_000, "a worse one does not count");
  time.skew_ms = 60_000;
  clock.sample(time.true_ms + 5_000);
  equal(clock.offset_ms, -55_000);
});

test("an answer that stood in a queue does not push the clock ahead by half of that", async () => {
  const time = new FakeTime();
  const clock = new ServerClock(time);
  const mark = clock.mark();
  await time.advance(5_000);
  clock.sample(time.true_ms, mark);
  equal(clock.offset_ms, 250);
});

test("an address that is none ends it", async () => {
  const server = new FakeTransport();
  const client = new RoomClient({ url: "http://localhost", getToken: () => "t", transport: () => { throw new SyntaxError("bad"); }, time: new FakeTime() });
  equal((await refusalOf(client.connect())).code, "address_invalid");
  equal(server.sockets.length, 0);
});

/** The card of somebody outside, in a page: what stays, what is read out, where the focus goes. */

import { LobbyCard } from "/pages/lobby/card.js";
import { ENDS } from "/pages/lobby/states.js";
import { makeLobby } from "/pages/client/greenroom-client-testing.js";
import { check, equal, test } from "./harness.js";

const NOW_MS = 1_795_000_000_000;
const ROOM = { room_id: "r1", title: "A room", description: null, phase: "scheduled", opens: "at_start", starts_at_ms: NOW_MS + 7_384_000 };
const waiting = (fields) => ({ lobby: makeLobby(fields) });
const countdown = (fields) => waiting({ state: "countdown", room: ROOM, enter_at_ms: ROOM.starts_at_ms, position: null, ...fields });
const emailEntry = waiting({ state: "email_entry", needs_email: true, position: null });
const refusal = (code, message = "It is so.") => ({ code, message, nextStep: "Do this." });

let now_ms = NOW_MS;

function openCard(actions = {}) {
  now_ms = NOW_MS;
  document.querySelectorAll("main").forEach((node) => node.remove());
  const titles = [];
  const card = new LobbyCard({ clock: { now_ms: () => now_ms }, actions, named: ({ state, title }) => titles.push(`${state} | ${title}`) });
  const main = document.createElement("main");
  main.append(card);
  document.body.prepend(main);
  return { card, titles };
}

const shown = (card, selector) => [...card.querySelectorAll(selector)].filter((node) => node.checkVisibility());
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(condition, what) {
  for (let turn = 0; turn < 200; turn += 1) {
    if (condition()) return;
    await wait(20);
  }
  throw new Error(`never: ${what}`);
}
const spoken = (politeness) => document.querySelector(`[aria-live="${politeness}"].unseen`).textContent;

const LOBBY_STATES = {
  countdown: countdown(),
  email_entry: emailEntry,
  waiting_for_host: waiting({ state: "waiting_for_host" }),
  waiting_in_line: waiting({}),
  room_full: waiting({ state: "room_full" }),
  admitted: waiting({ state: "entering" }),
  declined: waiting({ state: "declined", can_knock: true }),
  removed: waiting({ state: "removed", can_knock: true }),
  left_line: waiting({ state: "left_line", can_knock: true }),
  used_on_another_device: waiting({ state: "used_on_another_device", needs_email: true }),
  moved: { ...waiting({ state: "used_on_another_device", needs_email: true }), hasMoved: true },
  device_pending: waiting({ state: "used_on_another_device", device_request: "pending" }),
  device_refused: waiting({ state: "used_on_another_device", device_request: "refused" }),
  device_allowed: waiting({ state: "device_allowed" }),
  session_ended: waiting({ state: "session_ended", can_reopen: true }),
  guest_entry: { isGuest: true, look: { state: "guest_entry", room: ROOM } },
  wrong_account: { isWrongAccount: true, look: { state: "email_entry", room: ROOM } },
  reconnecting: { isAway: true, delay: refusal("unreachable") },
  opening: { isOpening: true },
  left: { hasLeft: "room" },
};

// First: what the other tests have read out would still be waiting for its pause.
test("the time left is told at ten, five and one minutes and at thirty seconds, and not on arriving", async () => {
  const { card } = openCard();
  const heard = [];
  const polite = document.querySelector('[aria-live="polite"].unseen');
  const observer = new MutationObserver(() => heard.push(polite.textContent.replace(/[\u2068\u2069]/g, "")));
  observer.observe(polite, { childList: true, characterData: true, subtree: true });
  for (const left_s of [599, 301, 299, 200, 61, 60, 45, 30, 12, 1, 0]) {
    now_ms = ROOM.starts_at_ms - left_s * 1000;
    card.show(countdown());
  }
  await until(() => heard.includes("30 seconds left"), "the last mark");
  observer.disconnect();
  equal(heard.filter((text) => text.endsWith("left")), ["5 minutes left", "1 minute left", "30 seconds left"]);
});

test("each state has a heading, a sentence, and one primary button at most", () => {
  const { card } = openCard();
  const ends = Object.fromEntries(Object.keys(ENDS).map((code) => [code, { ended: refusal(code) }]));
  for (const [name, known] of Object.entries({ ...LOBBY_STATES, ...ends, busy: { isAway: true, delay: refusal("busy") } })) {
    card.show(known);
    equal(card.dataset.state, ENDS[name] ?? { busy: "reconnecting" }[name] ?? name);
    check(card.heading.textContent && !/[._]/.test(card.heading.textContent), `${name}: ${card.heading.textContent}`);
    check(/^\p{Lu}.+[.!]$/u.test(card.sentence.textContent), `${name}: ${card.sentence.textContent}`);
    check(shown(card, "button.primary").length <= 1, name);
    for (const button of shown(card, "button")) check(button.dataset.act && button.textContent, `${name}: a button without a name`);
  }
});

test("a refusal without words of its own is told in the server's", () => {
  const { card } = openCard();
  card.show({ ended: refusal("something_new", "The moon is full.") });
  equal([card.heading.textContent, card.sentence.textContent, card.dataset.code], ["The moon is full", "Do this.", "something_new"]);
});

test("the place in line is exact to a hundred", () => {
  const { card } = openCard();
  const place = (fields) => {
    card.show(waiting(fields));
    return card.position.textContent.replace(/[\u2068\u2069]/g, "");
  };
  equal(place({ position: 1 }), "You are next in line.");
  equal(place({ position: 100 }), "You are number 100 in line.");
  equal(place({ position: null, more_than: 100 }), "More than 100 people are before you.");
  equal(card.emblem.textContent, "", "no number that is not known");
});

test("who waits reads the host's message, and that nobody can admit them", () => {
  const { card } = openCard();
  card.show(waiting({ host_message: "Five minutes more", can_be_admitted: false }));
  check(card.quote.textContent.includes("Five minutes more"), "the message");
  check(card.sentence.textContent.includes("Nobody can admit you right now"), "nobody");
  equal(shown(card, "[data-act]").map(({ dataset }) => dataset.act), ["lobby.withdraw"]);
});

test("an address half typed at zero is still there, and keeps the focus", () => {
  const { card } = openCard();
  card.show(countdown({ needs_email: true }));
  card.form.email.focus();
  card.form.email.value = "gra";
  card.show(emailEntry);
  equal([card.form.email.value, document.activeElement === card.form.email], ["gra", true]);
  card.show(LOBBY_STATES.waiting_in_line);
  check(document.activeElement === card.heading, "a field that went gives the focus to the heading");
  card.show(emailEntry);
  equal(card.form.email.value, "gra");
});

test("each new state moves the focus to its heading, but not away from elsewhere", () => {
  const { card } = openCard();
  card.show(emailEntry);
  check(document.activeElement === card.heading, "the first heading");
  const elsewhere = document.createElement("button");
  card.parentNode.append(elsewhere);
  elsewhere.focus();
  card.show(LOBBY_STATES.waiting_in_line);
  check(document.activeElement === elsewhere, "somebody is busy elsewhere on the page");
});

test("the same state again is not read out again", async () => {
  const { card } = openCard();
  card.show(LOBBY_STATES.waiting_in_line);
  await until(() => spoken("polite").includes("A host lets people in"), "it is read out once");
  document.querySelector('[aria-live="polite"].unseen').textContent = "";
  card.show(waiting({ position: 5 }));
  await wait(100);
  equal(spoken("polite"), "");
});

test("a refusal is told at once, a state to wait in only in a pause", async () => {
  const { card } = openCard();
  document.querySelector('[aria-live="assertive"]').textContent = "";
  card.show(LOBBY_STATES.waiting_for_host);
  await wait(100);
  equal(spoken("assertive"), "");
  card.show({ ended: refusal("banned") });
  await until(() => spoken("assertive").startsWith("You cannot join this session again."), "the refusal");
});

test("the countdown is counted from the instant and the clock, and is silent", () => {
  const { card } = openCard();
  card.show(countdown());
  const { root } = card.countdown;
  equal([root.getAttribute("role"), root.dataset.leftS, shown(root, ".unit").length], ["timer", "7384", 3]);
  equal(shown(root, "b").map(({ textContent }) => textContent), ["02", "03", "04"]);
  now_ms += 3_600_000; // the machine slept for an hour
  card.show(countdown());
  equal(root.dataset.leftS, "3784");
});

test("at zero the page says that the session opens, whoever is proven", async () => {
  const reached = [];
  const { card } = openCard({ zero: (state) => { reached.push(state); card.show(countdown()); } });
  now_ms = ROOM.starts_at_ms;
  card.show(countdown());
  await wait(0);
  check(card.heading.textContent.includes("opening") && card.countdown.root.hidden, card.heading.textContent);
  check(reached.length <= 1, "zero is reached once");
});

test("the tab's title counts the minutes, and names the state and the room", () => {
  const { card, titles } = openCard();
  card.show(countdown());
  equal(titles.at(-1).replace(/[\u2068\u2069]/g, ""), "In 2 hours | A room");
  card.show(waiting({ position: 3 }));
  equal(titles.at(-1).replace(/[\u2068\u2069]/g, ""), "Number 3 in line | A room");
  card.show({ ended: refusal("banned"), title: "A room" });
  equal(titles.at(-1), "You cannot join this session again | A room");
});

test("a card that left the page counts no more, and goes on when it is back", async () => {
  const { card, titles } = openCard();
  now_ms = ROOM.starts_at_ms - 60_020;
  card.show(countdown());
  const main = card.parentNode;
  card.remove();
  const told = titles.length;
  now_ms += 1_000;
  await wait(100);
  equal(titles.length, told);
  main.append(card);
  check(titles.length > told && card.countdown.root.dataset.leftS === "60", card.countdown.root.dataset.leftS);
});

test("a code is asked for before it is typed", async () => {
  const asked = [];
  const asksForCode = (email) => {
    asked.push(email);
    return true;
  };
  const { card } = openCard({ ask_for_code: asksForCode, submit: (...given) => asked.push(given) });
  card.show(waiting({ state: "email_entry", needs_email: true, needs_code: true }));
  equal(card.form.button.textContent, "Mail me a code");
  card.form.email.value = " grace@example.org ";
  card.form.root.requestSubmit();
  await until(() => document.activeElement === card.form.code, "the field of the code");
  card.form.code.value = "123 456";
  card.form.root.requestSubmit();
  await until(() => asked.length === 2, "the claim");
  equal(asked, ["grace@example.org", ["grace@example.org", null, "123 456"]]);
});

test("a code that was not mailed has no field to type it into", async () => {
  const { card } = openCard({ ask_for_code: () => false });
  card.show(waiting({ state: "email_entry", needs_email: true, needs_code: true }));
  card.form.email.value = "grace@example.org";
  card.form.root.requestSubmit();
  await until(() => !card.form.button.getAttribute("aria-busy"), "an answer");
  check(card.form.codeBox.hidden && document.activeElement !== card.form.code, "no field");
});

test("whoever asks for this device sees what the host is told of it", () => {
  const { card } = openCard();
  card.show(LOBBY_STATES.used_on_another_device);
  check(/^The host is told: .*\w+ on \w+/.test(card.form.hint.textContent), card.form.hint.textContent);
});

test("hostile words stay words and stay in the card", () => {
  const { card } = openCard();
  const title = "\u202e<img src=x>" + "W".repeat(187);
  card.show(waiting({ room: { ...ROOM, title, phase: "open" }, host_message: "<b>" + "y".repeat(400) }));
  equal([card.roomTitle.textContent, card.querySelectorAll("img, b:not(.clock)").length], [title, 0]);
});

test("a tab that keeps nothing says so before the address is given", () => {
  const { card } = openCard();
  card.show({ ...emailEntry, keepsNothing: true });
  check(!card.note.hidden && card.note.textContent.includes("keeps nothing"), "the note");
  card.show({ ...LOBBY_STATES.waiting_in_line, keepsNothing: true });
  check(card.note.hidden, "nothing is to be decided there");
});

test("a preview shows what the invitee sees, and does nothing", async () => {
  const done = [];
  const { card: own } = openCard();
  own.show(LOBBY_STATES.waiting_in_line);
  const card = new LobbyCard({ clock: { now_ms: () => NOW_MS }, actions: { submit: () => done.push("submit") }, isPreview: true });
  card.show(countdown({ needs_email: true }));
  own.parentNode.append(card);
  equal([card.dataset.state, shown(card, "input").length, card.heading.localName], ["countdown", 1, "h3"]);
  check(document.activeElement === own.heading, "it takes no focus");
  check(card.form.email.id !== own.form.email.id, "two cards on a page share no id");
  card.form.email.value = "a@example.org";
  card.form.root.requestSubmit();
  card.form.button.click();
  await wait(20);
  equal([done, card.form.problem.hidden], [[], true]);
  check(card.form.email.readOnly && card.form.button.getAttribute("aria-disabled") === "true", "and says so");
  card.show(countdown({ room: { ...ROOM, description: "Bring goggles." } }));
  check(shown(card, "input").length === 0 && card.description.textContent.includes("Bring goggles."), "the details follow the proof");
});

test("a clock that ran ahead and was set right again counts on to the same start, and reaches it once more", async () => {
  const reached = [];
  const { card } = openCard({ zero: (state) => reached.push(state) });
  now_ms = ROOM.starts_at_ms + 1_000;
  card.show(countdown({ needs_email: true }));
  now_ms = ROOM.starts_at_ms - 60_000;
  card.show(countdown({ needs_email: true }));
  equal(card.countdown.root.dataset.leftS, "60");
  now_ms = ROOM.starts_at_ms;
  card.show(countdown({ needs_email: true }));
  await wait(0);
  equal(reached, ["countdown", "countdown"]);
});

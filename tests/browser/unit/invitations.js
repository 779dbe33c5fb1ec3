/** The living list on a client that is not there: stages by this clock, parts, and thousands of rows. */

import "/pages/invite/invitations.js";
import { isFound, partOf, stageOf, wordsIn } from "/pages/invite/stages.js";
import { mayInvite } from "/pages/invite/may-invite.js";
import { check, equal, test } from "/unit/harness.js";

const NOW_MS = 1_795_000_000_000;
const MANY = 5_000;

function invitation(number, fields = {}) {
  return Object.freeze({
    invitation_id: `i${String(number).padStart(5, "0")}`, email: `p${number}@example.org`, first_name: "Person", last_name: `No${number}`,
    role: "viewer", invited_role: "viewer", status: "created", stage: "created", person_state: null, issue: 1, link_devices: 1, devices: 0,
    created_at_ms: NOW_MS + number, expires_at_ms: NOW_MS + 1_000, opened_at_ms: null, claimed_at_ms: null, came_at_ms: null,
    last_device_at_ms: null, moved_at_ms: null, reminded_at_ms: null, participant_id: null, mail: null, ...fields,
  });
}

function fakeClient(invitations, { features = {}, permissions = ["invite", "manage_invitations"], room = {} } = {}) {
  const listeners = new Set();
  return {
    invitations, deviceRequests: [], applied: new Map(), asked: [],
    features: { invite_to_media: true, email: true, guest_access: true, ...features },
    room: { room_id: "r1", kind: "standalone", phase: "open", cnc: true, links_good_until_ms: 0, ...room },
    now_ms: NOW_MS,
    now() { return this.now_ms; },
    may: (permission) => permissions.includes(permission),
    on: (_, listener) => { listeners.add(listener); return () => listeners.delete(listener); },
    async command(type, fields) { this.asked.push([type, fields]); return { reminded: ["x"], skipped: [] }; },
    change(invitations_) { this.invitations = invitations_; for (const listener of listeners) listener({}); },
  };
}

async function shown(client) {
  const list = document.createElement("greenroom-invitations");
  list.client = client;
  document.body.replaceChildren(list);
  await frame();
  return list;
}

const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
const rows = (list) => [...list.querySelectorAll("#invitations > li")];
const press = (list, act) => list.querySelector(`[data-act="${act}"]`).click();

for (const [stage, part, fields] of [
  ["created", "awaited", {}], ["mailed", "awaited", {}], ["mail_failed", "awaited", {}], ["opened", "awaited", {}],
  ["away", "away", { came_at_ms: NOW_MS }], ["away", "awaited", { came_at_ms: null }], ["in_lobby", "here", { came_at_ms: NOW_MS }],
  ["inside", "here", { came_at_ms: NOW_MS }], ["declined", "ended", {}], ["revoked", "ended", {}], ["replaced", "ended", {}], ["banned", "ended", {}],
]) {
  test(`${stage} is ${part}${fields.came_at_ms ? ", once they have been here" : ""}`, () => {
    const row = invitation(1, { stage, ...fields });
    equal(partOf(stageOf(row, { now_ms: NOW_MS, links_good_until_ms: 0 }), row), part);
  });
}

test("a link expires by this clock, and not before the session's planned end", () => {
  const at = (now_ms, links_good_until_ms, stage = "opened") => stageOf(invitation(1, { stage }), { now_ms, links_good_until_ms }).key;
  equal([at(NOW_MS, 0), at(NOW_MS + 1_000, 0), at(NOW_MS + 1_000, NOW_MS + 2_000)], ["opened", "expired", "opened"]);
  equal(at(NOW_MS + 9_000, 0, "inside"), "inside", "who has come does not expire");
});

test("every word begins a word of the name or the address, whatever the accents", () => {
  const row = invitation(1, { first_name: "Émile", last_name: "von Ödön", email: "emile.zola@example.org" });
  equal(["emi", "ODO", "von em", "zola", "emile.z", "mile", "x"].map((text) => isFound(row, wordsIn(text))), [true, true, true, true, true, false, false]);
});

test("inviting is offered where the site, the room, the right and the session allow it, and nowhere else", () => {
  const offered = (options) => mayInvite(fakeClient([], options));
  equal(offered({}), true);
  equal(offered({ features: { invite_to_media: false } }), false);
  equal(offered({ room: { cnc: false } }), false);
  equal(offered({ permissions: [] }), false);
  equal(offered({ room: { phase: "ended" } }), false);
  equal([offered({ room: { kind: "channel", phase: "scheduled" } }), offered({ room: { kind: "channel" } })], [false, true]);
});

test("the newest comes first, and five thousand make a page of fifty", async () => {
  const list = await shown(fakeClient(Array.from({ length: MANY }, (_, number) => invitation(number))));
  equal([rows(list).length, rows(list)[0].dataset.invitationId], [50, "i04999"]);
  press(list, "invitations.more");
  equal(rows(list).length, 100);
});

test("one who changes among five thousand is one row that changes, within a frame or two", async () => {
  const all = Array.from({ length: MANY }, (_, number) => invitation(number));
  const client = fakeClient(all);
  const list = await shown(client);
  const kept = rows(list);
  const changed = [];
  const observer = new MutationObserver((records) => changed.push(...records.map(({ target }) => (target.closest ?? (() => target.parentElement.closest("li"))).call(target, "li")?.dataset.invitationId)));
  observer.observe(list.querySelector("#invitations"), { childList: true, subtree: true, characterData: true, attributes: true });
  client.change(all.with(MANY - 3, invitation(MANY - 3, { stage: "opened", opened_at_ms: NOW_MS })));
  await frame();
  observer.disconnect();
  equal([...new Set(changed)], ["i04997"]);
  check(rows(list).every((node, at) => node === kept[at]), "the rows are the same elements");
});

test("a search among five thousand finds the one, and none says so", async () => {
  const list = await shown(fakeClient(Array.from({ length: MANY }, (_, number) => invitation(number))));
  const search = list.querySelector("#invitations-search");
  const type = async (text) => {
    search.value = text;
    search.dispatchEvent(new Event("input"));
    await new Promise((resolve) => setTimeout(resolve, 200));
    return rows(list).length;
  };
  equal([await type("no4321"), await type("nobody at all")], [1, 0]);
  equal(list.querySelector(".empty").hidden, false);
});

test("who has not come is reminded with one press, each or all", async () => {
  const client = fakeClient([invitation(1), invitation(2, { stage: "mailed" }), invitation(3, { stage: "inside", came_at_ms: NOW_MS })]);
  const list = await shown(client);
  equal(rows(list).map((node) => node.querySelector('[data-act="invitation.remind"]').hidden), [true, false, false]);
  press(list, "invitation.remind_all");
  rows(list)[2].querySelector('[data-act="invitation.remind"]').click();
  await frame();
  equal(client.asked, [["invitation.remind", { invitation_ids: null }], ["invitation.remind", { invitation_ids: ["i00001"] }]]);
});

test("where the site sends no e-mail nothing offers any", async () => {
  const list = await shown(fakeClient([invitation(1), invitation(2)], { features: { email: false } }));
  const acts = [...list.querySelectorAll("[data-act]")].filter((node) => !node.closest("[hidden]")).map((node) => node.dataset.act);
  check(!acts.some((act) => ["invitation.remind", "invitation.remind_all", "invitation.send"].includes(act)), acts.join());
});

test("an invitation that is over offers nothing, and one that waits offers what can be done", async () => {
  const list = await shown(fakeClient([invitation(1, { stage: "revoked", status: "revoked" }), invitation(2)]));
  const offered = (node) => (node.querySelector(".menu").hidden ? [] : [...node.querySelectorAll("[role=menuitem]")].map((choice) => choice.dataset.act));
  equal(offered(rows(list)[1]), []);
  equal(offered(rows(list)[0]), [
    "invitation.copy", "invitation.send", "invitation.extend", "invitation.preview", "invitation.role.speaker", "invitation.role.moderator", "invitation.revoke",
  ]);
});

test("the list ends a link by its own clock", async () => {
  const client = fakeClient([invitation(1, { expires_at_ms: NOW_MS + 60 })]);
  const list = await shown(client);
  equal(rows(list)[0].dataset.status, "created");
  client.now_ms += 61;
  for (let tries = 0; tries < 100 && rows(list)[0].dataset.status !== "expired"; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  equal(rows(list)[0].dataset.status, "expired");
});

test("somebody who is no manager any more sees nothing that is left of it", async () => {
  const client = fakeClient([invitation(1)]);
  const list = await shown(client);
  client.change(null);
  await frame();
  equal([rows(list).length, list.hidden], [0, true]);
});

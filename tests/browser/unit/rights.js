/** What goes when a right goes, and where the focus is then: nothing that may not be seen stays in the page, hidden or not. */

import { makeParticipant, makeRoom, makeWaiter } from "/pages/client/greenroom-client-testing.js";
import { openDomainRules } from "/pages/invite/domain-rules.js";
import { openInviteDialog } from "/pages/invite/invite-dialog.js";
import { openGuestLinks } from "/pages/invite/guest-links.js";
import { syncRows } from "/pages/common/dom.js";
import { RosterPage } from "/pages/room/roster-page.js";
import { check, equal, test } from "/unit/harness.js";
import { MANAGER, drawn, enter, gone } from "/unit/inside.js";

const VIEWER = ["chat", "raise_hand"];
const MANAGERS_LISTS = { invitations: [], guest_links: [] };
const FORGET = ["waiters", "line", "device_requests", "invitations", "guest_links"];
const demoted = (fields = {}) => ({
  type: "refresh", role: "viewer", old_role: "moderator", role_rev: 2, permissions: VIEWER, by: "p9", forget: FORGET, reveal: {},
  token: "t3", token_expires_at_ms: 1_795_000_900_000, ...fields,
});
const openDialogs = () => [...document.querySelectorAll("dialog[open]")].map(({ id }) => id);

test("a host who is demoted at the line keeps the focus in the page, and no name of a waiter is left in it", async () => {
  const page = await enter({ snapshot: { waiters: ["Vito", "Ann"].map((name, n) => makeWaiter(`w${n}`, { name, line_no: n + 1 })) } });
  page.find('#waiters [data-act="lobby.admit"]').focus();
  await page.say(demoted());
  equal(document.activeElement.id, "people-heading");
  check(!page.room.textContent.includes("Vito"), "the line is forgotten");
  page.close();
});

test("the sides of the panel that a new role does not show are emptied, and the focus stays in the panel", async () => {
  const page = await enter({ role: "manager", permissions: MANAGER, snapshot: MANAGERS_LISTS });
  page.find('[data-act="tab.settings"]').click();
  await until(() => page.find("#edit-title"));
  page.find("#edit-title").focus();
  await page.say(demoted());
  check(page.find("#people-panel").contains(document.activeElement) || document.activeElement.id === "people-panel", document.activeElement.outerHTML);
  check(!page.find("greenroom-settings"), "what it showed is gone");
  page.close();
});

test("a menu that is open keeps the focus while its choices change", async () => {
  const page = await enter({ snapshot: { participants: [makeParticipant("p1", { role: "moderator" }), makeParticipant("p2")] } });
  const button = page.find("#participants .section-head [aria-haspopup]");
  button.focus();
  button.click();
  const chosen = document.activeElement.dataset.act;
  equal(chosen, "room.lock");
  await page.say({ type: "participants.updated", participants: [makeParticipant("p2", { hand_raised_at_ms: 5 })] });
  check(page.find('[data-act="hands.clear"]'), "there is a new choice");
  equal(document.activeElement.dataset.act, chosen);
  page.close();
});

test("a button that goes when it was pressed leaves the focus in the room", async () => {
  const page = await enter({ snapshot: { room: makeRoom({ phase: "scheduled" }) } });
  page.find('[data-act="session.start"]').focus();
  await page.say({ type: "room.changed", room: makeRoom({ phase: "open", rev: 2 }), what: "started", by: "p1" });
  equal(document.activeElement.localName, "h1");
  page.close();
});

test("what is open over the room goes with it", async () => {
  const page = await enter({ role: "manager", permissions: MANAGER, snapshot: MANAGERS_LISTS });
  openInviteDialog(page.client);
  equal(openDialogs(), ["invite-dialog"]);
  page.close();
  equal(openDialogs(), []);
  await drawn();
});

test("the dialog of guest links closes for whoever may not see them any more", async () => {
  const page = await enter({ role: "manager", permissions: MANAGER, snapshot: MANAGERS_LISTS });
  openGuestLinks(page.client);
  await page.say(demoted());
  equal(openDialogs(), []);
  page.close();
});

test("a dialog that is opened twice is there once", async () => {
  const page = await enter({ role: "manager", permissions: MANAGER, snapshot: MANAGERS_LISTS });
  openInviteDialog(page.client);
  openInviteDialog(page.client);
  await drawn();
  equal(document.querySelectorAll("#invite-dialog").length, 1);
  page.close();
  await drawn();
});

test("whose row is gone when a question about them closes, leaves the focus at the room's heading", async () => {
  const page = await enter({ snapshot: { participants: [makeParticipant("p1", { role: "moderator" }), makeParticipant("p2")] } });
  page.find('[data-participant-id="p2"] [aria-haspopup="menu"]').click();
  page.find('[data-participant-id="p2"] [data-act="participant.ban"]').click();
  await page.say(gone("left", "p2"));
  document.querySelector("dialog").close();
  await drawn();
  check(page.room.contains(document.activeElement), document.activeElement.outerHTML);
  page.close();
});

test("rules of domains that have not come yet cannot be saved over", async () => {
  const asked = [];
  const waiting = [];
  const tell = (rules) => {
    waiting.shift()(rules);
    return drawn();
  };
  const client = {
    may: () => true,
    command: (type, fields) => {
      asked.push([type, fields]);
      return type === "domain.rules" ? new Promise((resolve) => { waiting.push(resolve); }) : Promise.resolve({});
    },
  };
  const dialog = openDomainRules(client);
  const form = dialog.querySelector("#domains-form");
  form.requestSubmit();
  await drawn();
  equal(asked.map(([type]) => type), ["domain.rules"]);
  await tell({ allowed_domains: ["example.org"], blocked_domains: ["example.com"] });
  dialog.querySelector("#domains-allowed").value += "\nexample.net";
  form.requestSubmit();
  await tell({ allowed_domains: ["example.org", "of.others"], blocked_domains: [] });
  equal(asked.at(-1), ["room.edit", { allowed_domains: ["example.org", "of.others", "example.net"] }], "and what others did stays done");
});

test("where a row goes, the focus passes over buttons that are not shown", () => {
  const list = document.createElement("ul");
  document.body.append(list);
  const create = (key) => {
    const row = document.createElement("li");
    row.innerHTML = `<button hidden>a</button><button>${key}</button>`;
    return row;
  };
  const show = (...keys) => syncRows(list, keys, { keyOf: (key) => key, create, update: () => {} });
  show("one", "two");
  list.firstElementChild.lastElementChild.focus();
  show("two");
  equal(document.activeElement.textContent, "two");
  list.remove();
});

test("a next page that is asked for twice before it comes is one page further", () => {
  const page = new RosterPage(100);
  const first = { group: "speakers", search: null, participants: [], next_cursor: "c1" };
  page.step(first, 1);
  page.step(first, 1);
  equal([page.wanted.cursor, page.place(first).start], ["c1", 0]);
  const second = { ...first, next_cursor: "c2" };
  equal(page.place(second).start, 100);
  page.step(second, 1);
  equal(page.wanted.cursor, "c2");
  page.step({ ...first, next_cursor: null }, -1);
  equal(page.wanted.cursor, "c1");
});

async function until(condition) {
  for (let turn = 0; turn < 200; turn += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`It did not come: ${condition}`);
}

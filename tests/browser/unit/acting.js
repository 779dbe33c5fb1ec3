/** What buttons do and do not do: the rest of a double click, and asking again for what was not answered. */

import { actionButton, problemPlace } from "/pages/common/acting.js";
import { isMeant } from "/pages/common/clicking.js";
import { menu, setChoices } from "/pages/common/menu.js";
import { namesIn, rebased } from "/pages/invite/domain-names.js";
import { openInviteDialog } from "/pages/invite/invite-dialog.js";
import { Manager } from "/pages/media/manager.js";
import { Refused } from "/pages/client/greenroom-client.js";
import { check, equal, refusalOf, test } from "/unit/harness.js";

const [ADMIT, NEXT] = ["one row", "the next"];
const click = (fields = {}) => ({ count: 1, at_ms: 1_000, x: 100, y: 100, button: ADMIT, does: "admit", ...fields });
const later = (fields) => click({ at_ms: 1_300, ...fields });

test("a click is meant unless another button, or another act, has come under it within half a second", () => {
  const meant = (fields, before = click()) => isMeant(later(fields), before);
  equal([meant({}, null), meant({}), meant({ button: NEXT }), meant({ does: "admit all" })], [true, true, false, false]);
  equal([meant({ button: NEXT, x: 107 }), meant({ button: NEXT, x: 109 }), meant({ button: NEXT, at_ms: 1_500 })], [false, true, true]);
});

test("the second of a double click is never meant, the keyboard always", () => {
  equal([isMeant(later({ count: 2 }), click()), isMeant(later({ count: 0, button: NEXT }), click())], [false, true]);
});

const press = (button, fields = {}) => button.dispatchEvent(new MouseEvent("click", { detail: 1, clientX: 10, clientY: 10, ...fields }));
const aside = (y = 0) => ({ clientX: 400, clientY: 400 + y });

test("a button that becomes another is not pressed by the rest of the click", async () => {
  const done = [];
  const button = actionButton("Lock", problemPlace(), async () => {
    done.push(button.dataset.act);
    button.dataset.act = "room.unlock";
  }, { "data-act": "room.lock" });
  press(button, aside());
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  press(button, aside());
  press(button, { ...aside(), detail: 2 });
  equal(done, ["room.lock"]);
  button.click(); // as the keyboard does
  equal(done, ["room.lock", "room.unlock"]);
});

test("choices that move in an open menu are not taken by a click that was on its way", () => {
  const done = [];
  const choice = (key) => ({ key, label: key, act: () => done.push(key) });
  const { root, button, items } = menu(null, "menu");
  document.body.replaceChildren(root);
  setChoices({ root, button, items }, [choice("copy")]);
  button.click();
  setChoices({ root, button, items }, [choice("allow"), choice("copy")]);
  press(items.firstElementChild, aside(100));
  equal(done, []);
  items.firstElementChild.click();
  equal(done, ["allow"]);
});

test("a list of domains keeps what others did to it, and what was changed here", () => {
  const changed = (newest, before, wanted) => rebased(newest, { before, wanted });
  equal(changed(["a", "b", "c"], ["a", "b"], ["a", "d"]), ["a", "c", "d"]);
  equal(changed(["b"], ["a", "b"], ["a", "b", "d"]), ["b", "d"]);
  equal(changed(["a", "d"], ["a"], ["a", "d"]), ["a", "d"]);
});

test("domains are compared as they are kept, however they were typed", () => {
  equal(namesIn("@Example.ORG, example.com.\n"), ["example.org", "example.com"]);
  equal(rebased(["example.org"], { before: namesIn("Example.org"), wanted: [] }), []);
});

const MADE = { invitation_id: "i1", link: "https://rooms.example.org/join/r1#s", replaced: null };
const unconfirmed = (requestId) => new Refused({ code: "unconfirmed", message: "No answer came in time.", requestId });

function openInviting(answers, fields = {}) {
  const asked = [];
  const client = {
    features: {}, room: { room_id: "r1" }, invitations: null, may: () => true, ...fields,
    command: async (type, _, { id } = {}) => {
      if (type !== "invitation.create") return {};
      asked.push(id ?? null);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  document.querySelectorAll("dialog").forEach((node) => node.remove());
  const dialog = openInviteDialog(client);
  const fill = (id, value) => { dialog.querySelector(`#invite-${id}`).value = value; };
  const submit = async (email) => {
    for (const [id, value] of [["email", email], ["first", "Grace"], ["last", "Hopper"]]) fill(id, value);
    dialog.querySelector("#invite-form").requestSubmit();
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return { dialog, submit, asked };
}

test("the same invitation again, after no answer came, is asked for under the same id", async () => {
  const { submit, asked } = openInviting([unconfirmed("c1"), unconfirmed("c1"), MADE]);
  for (let turn = 0; turn < 3; turn += 1) await submit("grace@example.org");
  equal(asked, [null, "c1", "c1"]);
});

test("another invitation, and one that was refused, are asked for anew", async () => {
  const { submit, asked } = openInviting([unconfirmed("c1"), new Refused({ code: "busy", message: "Busy.", requestId: "c2" }), MADE]);
  for (const email of ["grace@example.org", "bo@example.org", "bo@example.org"]) await submit(email);
  equal(asked, [null, null, null]);
});

test("on how many devices a link is good is told where it is known", async () => {
  const facts = async (invitations) => {
    const { dialog, submit } = openInviting([MADE], { invitations });
    await submit("grace@example.org");
    return dialog.querySelectorAll(".link-facts li").length;
  };
  equal([await facts(null), await facts([{ invitation_id: "i1", link_devices: 3 }])], [1, 2]);
});

test("from outside, too, what was not answered is asked for under the same key, and what was under another", async () => {
  const [keys, answers] = [[], [null, 503, 201, 201]];
  const [{ fetch }, token] = [window, sessionStorage.getItem("greenroom.site_token")];
  sessionStorage.setItem("greenroom.site_token", "t");
  window.fetch = async (url, { headers }) => {
    if (url.endsWith("/sign-in")) return Response.json({ session_token: "s" });
    keys.push(headers["Idempotency-Key"]);
    const status = answers.shift();
    if (status === null) throw new TypeError("lost");
    return Response.json(status === 201 ? MADE : { code: "busy", retry_after_ms: 1 }, { status });
  };
  try {
    const manager = new Manager("r1", () => ({}));
    const create = () => manager.command("invitation.create", { email: "grace@example.org" });
    equal([(await refusalOf(create())).code, (await refusalOf(create())).code], ["unreachable", "busy"]);
    await create();
    await create();
    check(keys[0] && keys[0].length <= 64, keys[0]);
    equal(keys.map((key) => key === keys[0]), [true, true, true, false]);
  } finally {
    window.fetch = fetch;
    if (token === null) sessionStorage.removeItem("greenroom.site_token");
  }
});

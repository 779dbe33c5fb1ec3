/** One row of the living list: who, as what, how far they have come, and what can be done about it. */

import { el, nameNode, setText } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { menu, setChoices } from "../common/menu.js";
import { appliedWords, roleWord } from "../common/roles.js";
import { shortInstant, timeOfDay } from "../common/times.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("invitations");
const DAY_MS = 86_400_000;
const parts = new WeakMap();

/** @param {{remind: (invitation: object) => void}} acts */
export function createRow(invitation, acts) {
  const made = {
    name: el("span", { class: "line" }),
    email: el("bdi", { class: "facts email" }),
    role: el("span", { class: "facts" }),
    chip: el("span", { class: "badge stage" }),
    applied: el("span", { class: "badge applied", hidden: true }),
    facts: el("span", { class: "facts" }),
    remind: el("button", { type: "button", class: "plain quick", "data-act": "invitation.remind" }, icon("bell"), el("span", {}, say("remind"))),
    menu: menu(null, say("actions", { name: nameOf(invitation) })),
    shownName: null,
  };
  const node = el("li", { "data-invitation-id": invitation.invitation_id },
    el("div", { class: "who" }, made.name, made.email),
    el("div", { class: "row-acts" }, made.remind, made.menu.root),
    el("div", { class: "progress" }, made.chip, made.role, made.applied, made.facts));
  made.remind.addEventListener("click", () => acts.remind(made.invitation));
  parts.set(node, made);
  return node;
}

/** @param {{stage: object, now_ms: number, choices: object[], mayRemind: boolean, applied?: object | null}} seen */
export function updateRow(node, invitation, { stage, now_ms, choices, mayRemind, applied }) {
  const made = parts.get(node);
  setChoices(made.menu, choices);
  const state = [stage.key, stage.until_ms, mayRemind, applied?.rev, new Date(now_ms).toDateString()].join();
  if (made.invitation === invitation && made.state === state) return;
  Object.assign(made, { invitation, state });
  const name = nameOf(invitation);
  node.dataset.status = stage.key;
  if (made.shownName !== name) made.name.replaceChildren(nameNode(name));
  made.shownName = name;
  setText(made.email, invitation.email);
  setText(made.role, roleWord(invitation.role));
  made.chip.className = `badge stage ${stage.tone}`;
  setText(made.chip, chipWords(stage, now_ms));
  made.applied.hidden = !applied;
  made.applied.dataset.status = applied?.status ?? "";
  setText(made.applied, applied ? appliedWords(applied) : "");
  const facts = factWords(invitation, stage, now_ms);
  made.facts.hidden = facts === "";
  setText(made.facts, facts);
  made.remind.hidden = !mayRemind;
  made.remind.setAttribute("aria-label", say("remind.whom", { name }));
}

export function nameOf({ first_name, last_name }) {
  return `${first_name} ${last_name}`.trim();
}

function chipWords({ key, at_ms }, now_ms) {
  const words = say.has(`stage.${key}`) ? say(`stage.${key}`) : key;
  return at_ms === null ? words : say("stage_at", { stage: words, time: shortly(at_ms, now_ms) });
}

/** What else is worth a line, the most pressing first; not everything that is known. */
function factWords(invitation, { key, until_ms }, now_ms) {
  const { mail, reminded_at_ms, link_devices, devices } = invitation;
  const facts = [
    invitation.device_request && say("asks_device"),
    key === "mail_failed" && mail?.error && say("mail_error", { error: mail.error }),
    key === "mail_unsure" && say("mail_unsure_next"),
    until_ms !== null && say("good_until", { time: shortly(until_ms, now_ms) }),
    reminded_at_ms !== null && until_ms !== null && say("reminded", { time: shortly(reminded_at_ms, now_ms) }),
    link_devices > 1 && devices > 0 && say("devices", { devices, count: link_devices }),
  ];
  return facts.filter(Boolean).join(" · ");
}

/** The time alone where it is near: a whole date in each row is noise. */
function shortly(at_ms, now_ms) {
  const isNear = Math.abs(at_ms - now_ms) < DAY_MS && new Date(at_ms).getDate() === new Date(now_ms).getDate();
  return isNear ? timeOfDay(at_ms) : shortInstant(at_ms);
}

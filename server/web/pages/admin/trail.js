/** What was done in a room and who was refused there, line by line. */

import { el } from "../common/dom.js";
import { refusalWords } from "../common/refusal.js";
import { shortInstant } from "../common/times.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("admin");

/** One act: who, what, and to whom. */
export function auditRow({ at_ms, name, actor, targets, details }) {
  const whom = targets.filter(({ kind }) => kind !== "room").map(({ name: called, id }) => called ?? id);
  const key = [`act.${name}.${details.what}`, `act.${name}`].find((each) => say.has(each));
  return el("li", {}, el("div", { class: "who" },
    el("span", {}, el("bdi", { class: "name" }, actor.name ?? say(actor.kind === "service" ? "trail.service" : "trail.unknown")), " ",
      key ? say(key) : name.replaceAll("_", " "), whom.length > 0 ? ": " : "", el("bdi", {}, whom.join(", "))),
    el("span", { class: "facts" }, shortInstant(at_ms))));
}

/** One refusal: at which door, with what, and about whom as far as it was known. */
export function refusalRow({ at_ms, door, code, message, network, person_name, invitee_name }) {
  const said = refusalWords({ code, message, nextStep: "" });
  const facts = [shortInstant(at_ms), say.has(`door.${door}`) ? say(`door.${door}`) : door, network];
  return el("li", { "data-code": code }, el("div", { class: "who" },
    el("span", {}, said.message, " ", el("small", { class: "code" }, code)),
    el("span", { class: "facts" }, facts.join(" · ")),
    person_name ?? invitee_name ? el("bdi", { class: "facts" }, person_name ?? invitee_name) : null));
}

/** Who do you want to be: three people to choose from, and for the curious how the room is to be. */

import { ATTENDEE, MANAGER } from "./demo.js";
import { READY } from "./scene.js";
import { attempt, problemPlace, showRefusal } from "../common/acting.js";
import { el, field } from "../common/dom.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("home");
const PERSONS = [MANAGER, ATTENDEE, "grace"];

/**
 * @param {{choose: (body: object, person: string) => Promise<void>, refusal?: object}} options
 * @returns {HTMLElement}
 */
export function welcome({ choose, refusal = null }) {
  const problem = problemPlace();
  const choices = roomChoices();
  const root = el("div", { class: "welcome", "data-state": "welcome" });
  const be = async (person) => {
    if (root.getAttribute("aria-busy")) return;
    root.setAttribute("aria-busy", "true");
    await attempt(problem, () => choose(choices.read(), person));
    root.removeAttribute("aria-busy");
  };
  root.append(
    el("header", { class: "welcome-head" },
      el("h1", { tabindex: -1 }, say("heading")),
      el("p", {}, say("sentence"))),
    problem,
    el("div", { class: "persons" }, ...PERSONS.map((person) => personCard(person, () => be(person)))),
    choices.root,
    el("p", { class: "further quiet" },
      el("a", { href: "/admin" }, say("admin_page")), el("a", { href: "/v1/docs" }, say("api_docs"))));
  if (refusal) showRefusal(problem, refusal);
  return root;
}

function personCard(person, act) {
  return el("button", { type: "button", class: "person", "data-act": `home.be.${person}`, onclick: act },
    el("span", { class: "face", "data-person": person, "aria-hidden": "true" }, say(`${person}.name`).charAt(0)),
    el("strong", {}, say(`${person}.name`)),
    el("span", { class: "badge" }, say(`${person}.role`)),
    el("span", { class: "quiet" }, say(`${person}.sees`)));
}

function roomChoices() {
  const title = el("input", { id: "title", required: true, maxlength: 200, value: say("room_title") });
  const starts = el("input", { id: "starts", type: "number", min: 0, max: 31_536_000, inputmode: "numeric", placeholder: say("starts_at_once") });
  const capacity = el("input", { id: "capacity", type: "number", min: 1, max: 100_000, inputmode: "numeric", placeholder: say("no_limit") });
  const opens = select("opens", ["at_start", "by_host"]);
  const access = select("access", ["members", "invited"]);
  const locked = el("input", { id: "locked", type: "checkbox", checked: READY.locked });
  const root = el("details", { class: "choices card" },
    el("summary", { "data-act": "home.choices" }, say("choices")),
    el("div", { class: "stack" },
      field(say("title"), title),
      el("div", { class: "pair" }, field(say("starts"), starts), field(say("opens"), opens)),
      el("div", { class: "pair" }, field(say("access"), access), field(say("capacity"), capacity)),
      el("p", { class: "check" }, locked, el("label", { for: "locked" }, say("locked")))));
  const read = () => ({
    title: title.value.trim() || say("room_title"),
    locked: locked.checked,
    opens: opens.value,
    access: access.value,
    ...wholeNumber("starts_in_s", starts, 0),
    ...wholeNumber("capacity", capacity, 1),
  });
  return { root, read };
}

function select(name, values) {
  return el("select", { id: name }, ...values.map((value) => el("option", { value }, say(`${name}.${value}`))));
}

function wholeNumber(name, input, least) {
  return input.value === "" ? {} : { [name]: Math.max(least, Math.round(Number(input.value))) };
}

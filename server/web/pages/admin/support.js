/** Why was this person refused: an address and a room, the plain answer, and beneath it everything it stands on. */

import { reasonWords } from "./domains.js";
import { refusalRow } from "./trail.js";
import { attempt, problemPlace } from "../common/acting.js";
import { el, field } from "../common/dom.js";
import { refusalWords } from "../common/refusal.js";
import { roleWord } from "../common/roles.js";
import { decoded } from "../common/saved.js";
import { shortInstant } from "../common/times.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("admin");

export async function supportSection(api, roomId = "") {
  const problem = problemPlace();
  const email = el("input", { id: "why-email", type: "text", inputmode: "email", maxlength: 254, autocapitalize: "none", spellcheck: "false", required: true });
  const room = el("input", { id: "why-room", maxlength: 2_000, autocapitalize: "none", spellcheck: "false", required: true, value: roomId });
  const place = el("div", { class: "stack", "aria-live": "polite" });
  let asks = 0;
  const onsubmit = async (event) => {
    event.preventDefault();
    const own = ++asks;
    place.replaceChildren();
    const asked = { email: email.value.trim(), room_id: roomIdIn(room.value) };
    const found = await attempt(problem, () => api.post("/v1/support/why", asked));
    if (found && own === asks) place.replaceChildren(...answerOf(found));
  };
  return el("div", { class: "stack" },
    el("section", { class: "card" },
      el("h1", { tabindex: -1 }, say("support.heading")),
      el("p", { class: "quiet" }, say("support.sentence")),
      el("form", { onsubmit },
        el("div", { class: "pair" }, field(say("support.email"), email), field(say("support.room"), room)),
        problem,
        el("button", { type: "submit", class: "primary", "data-act": "support.why" }, say("support.ask")))),
    place);
}

/** People paste whole addresses of rooms, links too: of those only the room is taken, and the secret goes nowhere. */
export function roomIdIn(text) {
  const found = /\/(?:room|join|media)\/([^/?#]+)/.exec(text);
  return found ? decoded(found[1]) : text.trim();
}

function answerOf(found) {
  const parts = [["invitations", found.invitations.map(invitationRow)], ["people", found.people.map(personRow)], ["refusals", found.refusals.map(refusalRow)]];
  return [
    el("section", { class: "card", "data-code": found.code ?? "", "data-page": found.page ?? "" },
      el("h2", {}, headingOf(found)),
      el("p", {}, sentenceOf(found)),
      el("p", { class: "quiet" }, `${say(found.domain.allowed ? "domains.yes" : "domains.no", { email: found.email })} ${reasonWords(found.domain.decided_by)}`),
      elsewhere(found),
      found.code ? el("p", { class: "code" }, found.code) : null),
    el("section", { class: "card" },
      el("h2", {}, say("support.trail")),
      ...parts.flatMap(([name, rows]) => [
        el("h3", {}, say(`support.${name}`)),
        rows.length > 0 ? el("ul", { class: "rows", "data-list": name }, ...rows) : el("p", { class: "quiet" }, say(`support.no_${name}`)),
      ])),
  ];
}

function headingOf({ code, page }) {
  if (code !== null) return say("support.refused");
  return say(page === "inside" ? "support.comes_in" : "support.not_refused");
}

/** In the reader's language where there are words for it there, else as the server says it. */
function sentenceOf({ code, page, sentence, access, invitations }) {
  if (code !== null) return refusalWords({ code, message: sentence, nextStep: "" }).message;
  if (page !== null && say.has(`sees.${page}`)) return say(`sees.${page}`);
  return invitations.length === 0 && say.has(`without.${access}`) ? say(`without.${access}`) : sentence;
}

/** What any other device would be told, where that is something else. */
function elsewhere({ code, elsewhere_code, link_elsewhere }) {
  const refusal = link_elsewhere?.refusal ?? link_elsewhere?.claim_refusal;
  if (!refusal || elsewhere_code === code) return null;
  return el("p", { class: "quiet" }, `${say("support.elsewhere")} ${refusalWords({ code: refusal.code, message: refusal.message, nextStep: "" }).message}`);
}

function invitationRow(invitation) {
  const facts = [say("support.invited_at", { when: shortInstant(invitation.created_at_ms) }), say("support.good_until", { when: shortInstant(invitation.expires_at_ms) })];
  return el("li", { "data-stage": invitation.stage }, el("div", { class: "who" },
    el("span", { class: "line" }, el("bdi", { class: "name" }, `${invitation.first_name} ${invitation.last_name}`),
      el("span", { class: "badge" }, say.has(`stage.${invitation.stage}`) ? say(`stage.${invitation.stage}`) : invitation.stage)),
    el("span", { class: "facts" }, [roleWord(invitation.role), ...facts].join(" · "))));
}

function personRow(person) {
  const facts = [roleWord(person.role), say(`person.${person.state}`), say(person.present ? "person.present" : "person.absent"), person.proven ? null : say("person.unproven")];
  return el("li", { "data-state": person.state }, el("div", { class: "who" },
    el("bdi", { class: "name" }, person.name),
    el("span", { class: "facts" }, facts.filter(Boolean).join(" · "))));
}

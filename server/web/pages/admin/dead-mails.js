/** Mails that were given up, newest first, each to be sent once more at a click. */

import { actionButton, problemPlace } from "../common/acting.js";
import { ask } from "../common/dialog.js";
import { el } from "../common/dom.js";
import { notify } from "../common/speaking.js";
import { shortInstant } from "../common/times.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("admin");
const MOST = 200;

export async function deadMails(api) {
  const { found, hasMore } = await api.list("/v1/mail/dead", "mails", MOST);
  const problem = problemPlace();
  const list = el("ul", { class: "rows", "data-list": "dead" }, ...found.map((mail) => row(api, mail, problem)));
  return el("section", { class: "card" },
    el("h2", {}, say("dead.heading")),
    el("p", { class: "quiet" }, say(found.length === 0 ? "dead.none" : "dead.sentence")),
    problem, list,
    hasMore ? el("p", { class: "quiet" }, say("more_exist", { count: found.length })) : null);
}

function row(api, mail, problem) {
  const node = el("li", { "data-mail-id": mail.mail_id },
    el("div", { class: "who" },
      el("span", { class: "line" }, el("span", { class: "name" }, say(`mail.${mail.kind}`)),
        el("span", { class: mail.status === "unsure" ? "badge warn" : "badge danger" }, say(`dead.${mail.status}`))),
      el("span", { class: "facts" }, `${shortInstant(mail.at_ms)} · ${say("dead.tries", { count: mail.tries })}`),
      mail.error ? el("span", { class: "facts" }, mail.error) : null,
      el("a", { class: "facts", href: `#rooms/${encodeURIComponent(mail.room_id)}` }, say("dead.room", { room: mail.room_id }))),
    actionButton(say("dead.again"), problem, () => sendAgain(api, mail, node), { "data-act": "mail.retry" }));
  return node;
}

async function sendAgain(api, mail, node) {
  if (mail.status === "unsure" && (await ask({ heading: say("dead.unsure_heading"), sentence: say("dead.unsure_sentence"), confirm: say("dead.again") })) === null) return;
  await api.post(`/v1/mail/dead/${encodeURIComponent(mail.dead_id)}/retry`);
  node.remove();
  notify(say("dead.queued"));
}

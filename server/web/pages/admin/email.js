/** E-mail: whether it is configured, what is queued and what was given up, the templates as they look, and a mail to try it. */

import { deadMails } from "./dead-mails.js";
import { mailFrame } from "./mail-frame.js";
import { attempt, problemPlace } from "../common/acting.js";
import { el, field, setText } from "../common/dom.js";
import { language, locale, wordsOf } from "../common/words.js";

const say = await wordsOf("admin");

export async function emailSection(api) {
  const mail = await api.get("/v1/mail");
  return el("div", { class: "stack" },
    el("section", { class: "card" },
      el("h1", { tabindex: -1 }, say("email.heading")),
      state(mail)),
    ...(mail.configured ? [await templates(api)] : []),
    ...(mail.configured || mail.dead > 0 ? [await deadMails(api)] : []));
}

function state({ configured, sender, waiting, dead }) {
  if (!configured) {
    return el("div", { class: "stack", "data-mail": "off" },
      el("p", {}, say("email.off")),
      el("p", { class: "quiet" }, say("email.off_next")));
  }
  return el("dl", { class: "settings", "data-mail": "on" },
    el("dt", {}, say("email.sender")), el("dd", {}, el("bdi", {}, sender)),
    el("dt", {}, say("email.waiting")), el("dd", {}, say("email.mails", { count: waiting })),
    el("dt", {}, say("email.dead")), el("dd", {}, say("email.mails", { count: dead })));
}

async function templates(api) {
  const { templates: kinds } = await api.get("/v1/mail/templates");
  const problem = problemPlace();
  const kind = el("select", { id: "mail-kind" }, ...kinds.map((each) => el("option", { value: each.kind }, say(`mail.${each.kind}`))));
  const spoken = el("select", { id: "mail-language" });
  const subject = el("strong", { class: "subject" });
  const frame = mailFrame(say("email.preview"));
  const text = el("pre", { class: "mail-text", tabindex: 0 });
  const facts = el("p", { class: "quiet" });
  let asks = 0;
  const show = async () => {
    const own = ++asks;
    const shown = await attempt(problem, () => api.post("/v1/mail/preview", { kind: kind.value, language: spoken.value }));
    if (!shown || own !== asks) return;
    setText(subject, shown.subject);
    setText(text, shown.text);
    frame.show(shown.html);
  };
  const pick = () => {
    const { languages, own, placeholders } = kinds.find((each) => each.kind === kind.value);
    const names = new Intl.DisplayNames([locale, language], { type: "language" });
    spoken.replaceChildren(...languages.map((tag) => el("option", { value: tag }, names.of(tag) ?? tag)));
    setText(facts, `${say(own ? "email.own_templates" : "email.shipped_templates")} ${placeholders.map((name) => `{${name}}`).join(" ")}`);
    return show();
  };
  kind.onchange = pick;
  spoken.onchange = show;
  await pick();
  return el("section", { class: "card" },
    el("h2", {}, say("email.templates")),
    el("div", { class: "pair" }, field(say("email.kind"), kind), field(say("email.language"), spoken)),
    problem,
    el("figure", { class: "mail", "data-preview": "mail" }, el("figcaption", {}, say("email.subject"), " ", subject), frame.root),
    el("details", { class: "quietly" }, el("summary", {}, say("email.as_text")), text),
    facts,
    tryOut(api, () => ({ kind: kind.value, language: spoken.value })));
}

/** The template that is shown, sent now, with the mail server's own answer. */
function tryOut(api, chosen) {
  const problem = problemPlace();
  const sent = el("p", { class: "note", role: "status", hidden: true, "data-answer": "sent" });
  const input = el("input", { id: "mail-to", type: "text", inputmode: "email", maxlength: 254, autocapitalize: "none", spellcheck: "false", required: true });
  const button = el("button", { type: "submit", "data-act": "mail.test" }, say("email.send_test"));
  const send = async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    sent.hidden = true;
    const email = input.value.trim();
    const answer = await attempt(problem, () => api.post("/v1/mail/test", { email, ...chosen() }));
    button.removeAttribute("aria-busy");
    sent.hidden = !answer;
    if (answer) setText(sent, say("email.sent", { email }));
  };
  return el("form", { onsubmit: send },
    field(say("email.test_to"), el("div", { class: "with-button" }, input, button)), sent, problem);
}

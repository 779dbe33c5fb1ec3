/** Who may be invited at all: lists of e-mail domains to edit, and a question to ask of them. */

import { SiteDocument } from "./site-document.js";
import { attempt, problemPlace } from "../common/acting.js";
import { el, field } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { announce } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("admin");
const LISTS = ["allowed_domains", "blocked_domains"];

export async function domainsSection(api) {
  const site = await SiteDocument.read(api);
  const lists = LISTS.map((name) => domainList(name, site, () => lists.forEach((each) => each.render())));
  return el("div", { class: "stack" },
    el("section", { class: "card" },
      el("h1", { tabindex: -1 }, say("domains.heading")),
      el("p", { class: "quiet" }, say("domains.sentence")),
      ...lists.map(({ root }) => root)),
    question(api));
}

/** One list: its domains with a button each, and a field for one more. `renderAll`: a change of one may have met the other. */
function domainList(name, site, renderAll) {
  const problem = problemPlace();
  const tags = el("ul", { class: "tags", "data-list": name });
  const input = el("input", { id: name, maxlength: 253, autocapitalize: "none", spellcheck: "false", placeholder: "example.org" });
  const button = el("button", { type: "submit", "data-act": `${name}.add` }, icon("plus"), say("add"));

  async function change(decide, said) {
    const isDone = await attempt(problem, () => site.change((now) => ({ [name]: decide(now[name]) })).then(() => true));
    renderAll();
    if (isDone) announce(said);
    return isDone;
  }
  const add = async (event) => {
    event.preventDefault();
    const domain = input.value.trim();
    if (domain === "" || button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    if (await change((now) => [...now.filter((each) => each !== domain), domain], say("domains.added", { domain }))) input.value = "";
    button.removeAttribute("aria-busy");
    input.focus();
  };
  const remove = async (domain) => {
    await change((now) => now.filter((each) => each !== domain), say("domains.removed", { domain }));
    input.focus();
  };
  function render() {
    const domains = site.now[name];
    tags.replaceChildren(...domains.map((domain) => el("li", { class: "tag" }, el("bdi", {}, domain), el("button", {
      type: "button", class: "icon-only", "aria-label": say("domains.remove", { domain }), title: say("domains.remove", { domain }),
      "data-act": `${name}.remove`, onclick: ({ currentTarget }) => {
        currentTarget.disabled = true;
        remove(domain);
      },
    }, icon("close")))));
    if (domains.length === 0) tags.append(el("li", { class: "quiet" }, say(`${name}.none`)));
  }
  render();
  const root = el("div", { class: "stack" },
    el("h2", { id: `${name}-heading` }, say(`${name}.heading`)),
    tags,
    el("form", { onsubmit: add }, field(say(`${name}.add`), el("div", { class: "with-button" }, input,
      button))),
    problem);
  return { root, render };
}

function question(api) {
  const problem = problemPlace();
  const input = el("input", { id: "would", type: "text", inputmode: "email", maxlength: 254, autocapitalize: "none", spellcheck: "false", required: true });
  const answer = el("p", { class: "note", role: "status", hidden: true, "data-answer": "" });
  let asks = 0;
  const ask = async (event) => {
    event.preventDefault();
    const own = ++asks;
    answer.hidden = true;
    const email = input.value.trim();
    const found = await attempt(problem, () => api.post("/v1/would-get-in", { email }));
    if (!found || own !== asks) return;
    answer.hidden = false;
    answer.dataset.answer = found.allowed ? "yes" : "no";
    answer.textContent = `${say(found.allowed ? "domains.yes" : "domains.no", { email })} ${reasonWords(found.decided_by)}`;
  };
  return el("section", { class: "card" },
    el("h2", {}, say("domains.question")),
    el("form", { onsubmit: ask }, field(say("domains.address"), input), answer, problem,
      el("button", { type: "submit", "data-act": "domains.ask" }, say("domains.ask"))));
}

/** Why the rules decide so: which rule of which list, or that none covers the address. */
export function reasonWords(decidedBy) {
  if (decidedBy === null) return say("reason.none");
  const { scope, list, rule } = decidedBy;
  if (rule === null) return say(`reason.${scope}.not_listed`);
  return say(`reason.${scope}.${list}`, { rule });
}

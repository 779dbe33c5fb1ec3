/** Which e-mail domains a room lets in, for managers: two lists, and a way to ask what they mean for one address. */

import { attempt, problemPlace } from "../common/acting.js";
import { openDialog } from "../common/dialog.js";
import { el, field, setText } from "../common/dom.js";
import { notify } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";
import { namesIn, rebased } from "./domain-names.js";

const say = await wordsOf("domains");

/** Open the dialog; what stands there is the room's own, and the site's rules count besides. */
export function openDomainRules(client) {
  const list = (id) => el("textarea", {
    id, rows: 4, dir: "ltr", spellcheck: "false", placeholder: "example.org", readonly: true,
  });
  const allowed = list("domains-allowed");
  const blocked = list("domains-blocked");
  const problem = problemPlace();
  let rules = null; // what is not here yet is not saved over
  const save = el("button", { type: "submit", class: "primary", disabled: true, "data-act": "domains.save" }, say("save"));
  const form = el("form", { id: "domains-form", onsubmit: async (event) => {
    event.preventDefault();
    if (rules === null) return;
    const wanted = { allowed_domains: namesIn(allowed.value), blocked_domains: namesIn(blocked.value) };
    const changed = Object.entries(wanted).filter(([name, value]) => value.join() !== rules[name].join());
    const isSaved = changed.length === 0 || await attempt(problem, () => edit(client, changed, rules));
    if (!isSaved) return;
    dialog.close();
    notify(say("saved"));
  } },
  field(say("allowed"), allowed, say("allowed.hint")), field(say("blocked"), blocked, say("blocked.hint")), problem,
  el("div", { class: "actions" }, save));
  const dialog = openDialog({ heading: say("heading"), body: [el("p", { class: "quiet" }, say("means")), form, checkForm(client)], id: "domains-dialog" });
  attempt(problem, async () => {
    rules = await client.command("domain.rules");
    allowed.value = rules.allowed_domains.join("\n");
    blocked.value = rules.blocked_domains.join("\n");
    allowed.readOnly = blocked.readOnly = save.disabled = false;
  });
  allowed.focus();
  return dialog;
}

// A list is sent whole, so what others did to it meanwhile is in it too.
async function edit(client, changed, before) {
  const newest = await client.command("domain.rules");
  return client.command("room.edit", Object.fromEntries(
    changed.map(([name, wanted]) => [name, rebased(newest[name], { before: before[name], wanted })])));
}

function checkForm(client) {
  const address = el("input", { id: "domains-address", type: "email", required: true, maxlength: 254, autocomplete: "off" });
  const problem = problemPlace();
  const answer = el("p", { class: "note", role: "status", hidden: true });
  const ask = async (event) => {
    event.preventDefault();
    answer.hidden = true;
    const email = address.value.trim();
    const told = await attempt(problem, () => client.command("domain.check", { email }));
    if (!told) return;
    answer.hidden = false;
    answer.dataset.allowed = String(told.allowed);
    setText(answer, decisionWords(told, email));
  };
  return el("form", { class: "domain-check", onsubmit: ask },
    el("div", { class: "field" }, el("label", { for: address.id }, say("check.label")),
      el("div", { class: "with-button" }, address, el("button", { type: "submit", "data-act": "domains.check" }, say("check")))),
    problem, answer);
}

function decisionWords({ allowed, decided_by }, email) {
  if (decided_by === null) return say("decision.free", { email });
  const { scope, list, rule } = decided_by;
  const because = rule === null ? "not_listed" : list;
  return say(`decision.${because}.${scope}`, { email, rule, answer: say(allowed ? "yes" : "no") });
}

/** The site's switches: each counts in every room as soon as it is pressed. */

import { SiteDocument } from "./site-document.js";
import { attempt, problemPlace } from "../common/acting.js";
import { el } from "../common/dom.js";
import { announce } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("admin");
const SWITCHES = ["invite_to_media", "guest_access", "moderators_invite", "speakers_initiate"];

export async function siteSection(api) {
  const site = await SiteDocument.read(api);
  const problem = problemPlace();
  const inputs = new Map(SWITCHES.map((name) => [name, el("input", {
    id: `switch-${name}`, type: "checkbox", role: "switch", "data-act": `site.${name}`, "aria-describedby": `switch-${name}-hint`,
    onchange: ({ target }) => set(name, target.checked),
  })]));
  // What is still on its way stays as it was pressed.
  const render = () => inputs.forEach((input, name) => { if (!input.disabled) input.checked = site.now[name]; });

  async function set(name, isOn) {
    const input = inputs.get(name);
    input.disabled = true;
    if (await attempt(problem, () => site.change(() => ({ [name]: isOn })).then(() => true))) announce(say("saved"));
    input.disabled = false;
    render();
    if (document.activeElement === document.body) input.focus();
  }

  render();
  return el("section", { class: "card" },
    el("h1", { tabindex: -1 }, say("site.heading")),
    el("p", { class: "quiet" }, say("site.sentence")),
    problem,
    el("ul", { class: "rows" }, ...SWITCHES.map((name) => el("li", { class: "switch" },
      el("div", { class: "who" },
        el("label", { for: `switch-${name}` }, say(`switch.${name}`)),
        el("p", { class: "facts", id: `switch-${name}-hint` }, say(`switch.${name}.hint`))),
      inputs.get(name)))));
}

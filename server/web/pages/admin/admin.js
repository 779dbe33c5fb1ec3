/** The operator's page: an API key, and then the site in sections. Which one is shown stands in the fragment. */

import { AdminApi, forgetKey, savedKey } from "./api.js";
import { domainsSection } from "./domains.js";
import { emailSection } from "./email.js";
import { keyGate } from "./key-gate.js";
import { keysSection } from "./keys.js";
import { lookSection } from "./look.js";
import { roomsSection } from "./rooms.js";
import { siteSection } from "./site.js";
import { supportSection } from "./support.js";
import { problemPlace, showRefusal } from "../common/acting.js";
import { asRefusal } from "../common/refusal.js";
import { el } from "../common/dom.js";
import { buildFrame, siteName } from "../common/frame.js";
import { decoded } from "../common/saved.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("admin");
/** Name → makes the section's element from the API and what else the fragment says, as in `#rooms/<room id>`. */
const SECTIONS = {
  site: siteSection, look: lookSection, domains: domainsSection, email: emailSection, keys: keysSection, rooms: roomsSection,
  support: supportSection,
};

class Admin {
  #api = null;
  #run = 0;
  #navigation = el("nav", { class: "sections", "aria-label": say("sections") });
  #place = el("div", { class: "section-place" });

  constructor(root) {
    this.leave = el("button", { type: "button", class: "plain", "data-act": "admin.leave", hidden: true, onclick: () => this.#leave() }, say("key.leave"));
    this.main = buildFrame(root, { end: [this.leave] }).main;
    addEventListener("hashchange", () => this.#api && this.#show(true));
  }

  start() {
    const key = savedKey();
    if (key) this.#enter(new AdminApi(key));
    else this.#ask();
  }

  #ask({ isOver = false } = {}) {
    forgetKey();
    this.#api = null;
    this.#run += 1;
    this.leave.hidden = true;
    document.title = `${say("heading")} · ${siteName}`;
    this.main.replaceChildren(keyGate({ enter: (api) => this.#enter(api), isOver }));
    this.main.querySelector("input").focus();
  }

  #enter(api) {
    this.#api = api;
    api.onOver = () => { if (api === this.#api) this.#ask({ isOver: true }); };
    this.leave.hidden = false;
    this.#navigation.replaceChildren(...Object.keys(SECTIONS).map((name) => el("a", { href: `#${name}`, "data-act": `admin.${name}` }, say(`${name}.heading`))));
    this.main.replaceChildren(el("div", { class: "admin", "data-state": "admin" }, this.#navigation, this.#place));
    this.#show(false);
  }

  #leave() {
    history.replaceState(null, "", location.pathname + location.search);
    this.#ask();
  }

  async #show(isMoved) {
    const run = ++this.#run;
    const [wanted, ...more] = location.hash.slice(1).split("/").map(decoded);
    const name = Object.hasOwn(SECTIONS, wanted) ? wanted : "site";
    for (const link of this.#navigation.children) {
      if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.title = `${say(`${name}.heading`)} · ${siteName}`;
    let section;
    try {
      section = await SECTIONS[name](this.#api, ...more);
    } catch (error) {
      section = this.#failed(name, asRefusal(error));
    }
    if (run !== this.#run) return;
    section.dataset.section = name;
    this.#place.replaceChildren(section);
    if (isMoved) section.querySelector("h1")?.focus();
  }

  /** A section that could not be read. */
  #failed(name, refusal) {
    const problem = problemPlace();
    showRefusal(problem, refusal);
    return el("section", { class: "card" }, el("h1", { tabindex: -1 }, say(`${name}.heading`)), problem,
      el("div", { class: "actions" }, el("button", { type: "button", "data-act": "admin.again", onclick: () => this.#show(true) }, say("again"))));
  }
}

new Admin(document.getElementById("app")).start();

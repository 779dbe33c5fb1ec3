/** Beside the stage: who is here and who waits, and for those who may, the invitations, what was done, and the room's settings. */

import { el, setText } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { asRefusal } from "../common/refusal.js";
import { problemPlace, showRefusal } from "../common/acting.js";
import { Tabs } from "../common/tabs.js";
import { wordsOf } from "../common/words.js";
import { Arrivals } from "./arrivals.js";
import "./line.js";
import "./people.js";

const say = await wordsOf("room");
/** What is loaded only when somebody looks at it: few may, and fewer do. */
const LATER = {
  invitations: ["greenroom-invitations", () => import("../invite/invitations.js")],
  activity: ["greenroom-activity", () => import("./activity.js")],
  settings: ["greenroom-settings", () => import("./settings.js")],
};

class Panel extends RoomElement {
  build() {
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", say("panel"));
    this.line = el("greenroom-line");
    this.people = el("greenroom-participants", { id: "participants" });
    this.panels = {
      people: el("div", { class: "side", id: "people-panel", tabindex: 0 }, this.line, this.people),
      ...Object.fromEntries(Object.keys(LATER).map((key) => [key, el("div", { class: "side", id: `${key}-panel`, tabindex: 0 })])),
    };
    this.count = el("span", { class: "count clock" });
    this.labels = { people: el("span", {}, say("tab.people"), " ", this.count) };
    const sides = Object.entries(this.panels).map(([key, panel]) => ({ key, label: this.labels[key] ?? say(`tab.${key}`), panel }));
    this.tabs = new Tabs(say("panel"), sides, { onChoose: (key) => this.#load(key) });
    this.arrivals = new Arrivals({ onShow: () => this.#showLine() });
    this.line.arrivals = this.arrivals;
    this.line.after = () => this.people.heading;
    this.append(this.tabs.list, ...Object.values(this.panels));
  }

  listen(client) {
    this.line.client = client;
    this.people.client = client;
    for (const key of Object.keys(LATER)) {
      const part = this.panels[key].firstElementChild;
      if (part) part.client = client;
    }
    return super.listen(client);
  }

  render() {
    const { client } = this;
    if (!client.room) return;
    const offered = Object.keys(LATER).filter((key) => this.#offers(key));
    this.tabs.offer(["people", ...offered]);
    for (const key of Object.keys(LATER)) if (!offered.includes(key)) this.panels[key].replaceChildren();
    setText(this.count, String(client.counts?.participants ?? client.participants.length));
    this.arrivals.update(client.may("see_line") ? client.waiterCount ?? 0 : null, client.deviceRequests?.length ?? 0);
  }

  #offers(key) {
    const { client } = this;
    if (key === "invitations") return client.may("manage_invitations");
    if (key === "activity") return client.may("read_audit");
    return client.may("edit_room");
  }

  async #load(key) {
    if (!(key in LATER)) return;
    const panel = this.panels[key];
    if (panel.firstElementChild?.client) return;
    const [name, load] = LATER[key];
    try {
      await load();
      if (panel.firstElementChild?.client) return;
      const part = el(name);
      panel.replaceChildren(part);
      part.client = this.client;
    } catch (error) {
      const place = problemPlace();
      panel.replaceChildren(place);
      showRefusal(place, asRefusal(error));
    }
  }

  #showLine() {
    this.tabs.choose("people");
    this.line.show();
  }

  stop() {
    this.arrivals.stop();
  }
}

customElements.define("greenroom-panel", Panel);

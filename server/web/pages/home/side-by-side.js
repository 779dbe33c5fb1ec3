/** The same room as three people see it, each in a frame of their own: beside each other, or one behind the other. */

import { ATTENDEE, INVITEE, MANAGER, mediaAddress, roomAddress } from "./demo.js";
import { Guide } from "./guide.js";
import { el } from "../common/dom.js";
import { buildFrame, siteName } from "../common/frame.js";
import { icon } from "../common/icons.js";
import { forgetFrames, load, save } from "../common/saved.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("home");
const LAYOUTS = ["three", "two", "one"];
const WIDE = matchMedia("(min-width: 68rem)");
const NARROW = matchMedia("(max-width: 45rem)");
const LAYOUT = "greenroom.home.layout";

export class SideBySide {
  #scene;
  #panels = new Map();
  #layout = load(LAYOUT).layout ?? null;
  #front;

  /**
   * @param {HTMLElement} root
   * @param {{roomId: string, client: object, link: string | null, person: string, access: string}} scene
   * @param {{again: () => void}} actions
   */
  constructor(root, scene, { again }) {
    this.#scene = scene;
    this.#front = scene.person;
    this.guide = new Guide();
    this.guide.access = scene.access;
    this.guide.client = scene.client;
    this.layouts = el("div", { class: "segments", role: "group", "aria-label": say("layout") },
      ...LAYOUTS.map((layout) => this.#layoutButton(layout)));
    this.fronts = el("div", { class: "segments", role: "group", "aria-label": say("whose_page") });
    const { main } = buildFrame(root, { end: [
      this.layouts,
      el("button", { type: "button", class: "plain", "data-act": "home.again", onclick: () => this.#leave(again) }, icon("plus"), el("span", { class: "label" }, say("again"))),
    ] });
    this.main = main;
    this.grid = el("div", { class: "side-by-side", "data-state": "side_by_side", "data-room-id": scene.roomId });
    main.classList.add("whole-window");
    main.append(el("h1", { class: "unseen", tabindex: -1 }, say("guide")), this.guide, this.grid);
    for (const media of [WIDE, NARROW]) media.onchange = () => this.#arrange();
  }

  open() {
    document.title = `${this.#scene.client.room?.title ?? say("room_title")} · ${siteName}`;
    const { roomId, link } = this.#scene;
    this.#add(MANAGER, { address: roomAddress(roomId, MANAGER), media: mediaAddress(roomId, MANAGER) });
    this.#add(ATTENDEE, { address: roomAddress(roomId, ATTENDEE), media: mediaAddress(roomId, ATTENDEE) });
    this.#add("grace", { address: ownAddress(link) ?? `/join/${encodeURIComponent(roomId)}`, hint: INVITEE.email });
    this.#arrange();
  }

  /** Each frame is named after its room and person: what it remembers is its own, also over a reload. */
  #add(person, { address, media = null, hint = null }) {
    const name = say(`${person}.name`);
    const frame = el("iframe", { onload: () => tighten(frame), name: `${this.#scene.roomId}.${person}`, title: say("page_of", { name }), allow: "clipboard-write" });
    const panel = el("section", { class: "panel", "data-person": person, "aria-label": say("page_of", { name }) },
      el("header", { class: "panel-head" },
        el("span", { class: "face small", "data-person": person, "aria-hidden": "true" }, name.charAt(0)),
        el("span", { class: "who" }, el("strong", {}, name), el("span", { class: "facts" }, hint ?? say(`${person}.role`))),
        media && el("a", { class: "button plain", href: media, target: "_blank", rel: "noopener", "data-act": `home.media.${person}` }, say("media_page")),
        this.#ownTab(person, name)),
      frame);
    this.#panels.set(person, panel);
    this.grid.append(panel);
    // Not by its attribute: the secret of a link is not to stand in this page.
    frame.contentWindow.location.replace(address);
  }

  #ownTab(person, name) {
    const label = say("own_tab", { name });
    const address = () => (person === "grace" ? ownAddress(this.#scene.link) ?? "" : roomAddress(this.#scene.roomId, person));
    return el("button", {
      type: "button", class: "icon-only", "aria-label": label, title: label, "data-act": `home.tab.${person}`,
      hidden: address() === "", onclick: () => window.open(address(), "_blank", "noopener"),
    }, icon("external"));
  }

  #layoutButton(layout) {
    const label = say(`layout.${layout}`);
    return el("button", {
      type: "button", class: "icon-only", "aria-label": label, title: label, "data-act": `home.layout.${layout}`,
      onclick: () => {
        this.#layout = layout;
        save(LAYOUT, { layout });
        this.#arrange();
      },
    }, icon(`layout_${layout}`));
  }

  /** Frames are shown and hidden, never moved: a frame that is moved starts anew. */
  #arrange() {
    const layout = NARROW.matches ? "one" : this.#layout ?? (WIDE.matches ? "three" : "two");
    const persons = [...this.#panels.keys()];
    const behind = layout === "one" ? persons : layout === "two" ? persons.slice(1) : [];
    if (behind.length > 0 && !behind.includes(this.#front)) this.#front = behind[0];
    this.layouts.hidden = NARROW.matches;
    if (NARROW.matches) this.grid.before(this.fronts);
    else this.layouts.before(this.fronts);
    this.grid.dataset.layout = layout;
    for (const button of this.layouts.children) button.setAttribute("aria-pressed", String(button.dataset.act.endsWith(`.${layout}`)));
    for (const [person, panel] of this.#panels) panel.hidden = behind.includes(person) && person !== this.#front;
    this.#showFronts(behind);
  }

  #showFronts(persons) {
    this.fronts.hidden = persons.length === 0;
    this.fronts.replaceChildren(...persons.map((person) => el("button", {
      type: "button", "aria-pressed": String(person === this.#front), "data-act": `home.front.${person}`,
      onclick: () => {
        this.#front = person;
        this.#arrange();
        this.fronts.querySelector(`[data-act="home.front.${person}"]`).focus();
      },
    }, say(`${person}.short`))));
  }

  #leave(again) {
    this.#scene.client.disconnect();
    forgetFrames(`${this.#scene.roomId}.`);
    for (const media of [WIDE, NARROW]) media.onchange = null;
    again();
  }
}

/** What is too much in a small frame: a page of one's own origin may be given one more sheet. */
function tighten({ contentDocument }) {
  contentDocument?.head.append(el("link", { rel: "stylesheet", href: "/pages/home/framed.css" }));
}

/** A link as a path here: whatever the site calls itself, the frames are of this origin. */
function ownAddress(link) {
  if (link === null) return null;
  const { pathname, hash } = new URL(link);
  return pathname + hash;
}

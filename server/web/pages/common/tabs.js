/** Sides of one thing (WAI-ARIA tabs): arrows, Home and End move, and what one has typed on a side stays. A side may be hidden. */

import { el } from "./dom.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/**
 * @param {string} label what the tabs are about
 * @param {{key: string, label: string | Node, panel: HTMLElement}[]} sides
 * @param {{onChoose?: (key: string) => void}} options
 */
export class Tabs {
  #sides;
  #onChoose;
  chosen = null;

  constructor(label, sides, { onChoose = () => {} } = {}) {
    this.#onChoose = onChoose;
    this.#sides = sides.map((side) => this.#build(side));
    this.list = el("div", { role: "tablist", "aria-label": label }, ...this.#sides.map(({ tab }) => tab));
    this.list.addEventListener("keydown", (event) => this.#onKey(event));
    this.choose(sides[0].key);
  }

  #build({ key, label, panel }) {
    panel.id ||= `${key}-panel`;
    const tab = el("button", {
      type: "button", role: "tab", id: `${panel.id}-tab`, "aria-controls": panel.id, "data-act": `tab.${key}`,
      onclick: () => this.choose(key),
    }, label);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    return { key, tab, panel };
  }

  /** Show this side; `takesFocus`: its tab gets the focus. */
  choose(key, takesFocus = false) {
    for (const { key: each, tab, panel } of this.#sides) {
      tab.setAttribute("aria-selected", String(each === key));
      tab.tabIndex = each === key ? 0 : -1;
      panel.hidden = each !== key;
      if (each === key && takesFocus) tab.focus();
    }
    if (key === this.chosen) return;
    this.chosen = key;
    this.#onChoose(key);
  }

  /** Offer only the sides of `keys`; where the one shown is gone, the first takes its place. A single side has no tabs. */
  offer(keys) {
    const { activeElement } = document;
    const shown = this.#sides.find(({ key }) => key === this.chosen);
    const isGone = !keys.includes(this.chosen);
    const isAlone = keys.length < 2;
    const wasAtTabs = this.list.contains(activeElement) && (isGone || isAlone);
    const hadFocus = wasAtTabs || (isGone && shown.panel.contains(activeElement));
    for (const { key, tab } of this.#sides) tab.hidden = !keys.includes(key);
    this.list.hidden = isAlone;
    if (isGone) this.choose(keys[0], hadFocus);
    if (hadFocus && isAlone) this.#sides.find(({ key }) => key === keys[0]).panel.focus();
  }

  #onKey(event) {
    const shown = this.#sides.filter(({ tab }) => !tab.hidden);
    const at = shown.findIndex(({ tab }) => tab === document.activeElement);
    const along = getComputedStyle(this.list).direction === "rtl" ? -1 : 1;
    const to = { Home: 0, End: -1 }[event.key] ?? (event.key in STEPS ? (at + along * STEPS[event.key]) % shown.length : null);
    if (to === null || at < 0) return;
    event.preventDefault();
    this.choose(shown.at(to).key, true);
  }
}

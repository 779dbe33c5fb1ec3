/** The stage, where a room product shows its video, and the tools that this person has on it; new ones glow for a moment. */

import { el, setText, syncRows } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { icon } from "../common/icons.js";
import { wordsOf } from "../common/words.js";
import { toolsOf } from "./tool-list.js";

const say = await wordsOf("room");

class Tools extends RoomElement {
  #isShown = false;

  build() {
    // It may be longer than the window is high, and holds nothing else that takes the focus.
    for (const [name, value] of [["role", "group"], ["aria-label", say("stage")], ["tabindex", "0"]]) this.setAttribute(name, value);
    this.sentence = el("p", {});
    this.list = el("ul", { class: "tools", id: "tools", "aria-label": say("tools") });
    this.append(
      el("div", { class: "picture" }, icon("stage"), this.sentence),
      this.list);
  }

  render() {
    const { me, room } = this.client;
    if (!room) return;
    setText(this.sentence, say(`stage.${room.phase === "scheduled" ? "before" : "live"}`));
    const isFirst = !this.#isShown;
    this.#isShown = true;
    syncRows(this.list, toolsOf(me.role, me.permissions), {
      keyOf: ({ key }) => key,
      create: ({ key, icon: picture, words }) => el("li", { "data-tool": key, class: isFirst ? null : "changed" },
        icon(picture), el("span", {}, words)),
      update: () => {},
    });
  }
}

customElements.define("greenroom-tools", Tools);

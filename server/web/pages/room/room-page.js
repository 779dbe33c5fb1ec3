/** The room as somebody inside sees it: what it is and who they are on the one side, everybody else on the other. */

import { el } from "../common/dom.js";
import { RoomElement } from "../common/element.js";
import { notify } from "../common/speaking.js";
import "./head.js";
import "./panel.js";
import { PeopleNews } from "./people-news.js";
import { promotionWords } from "./tool-list.js";
import "./own-bar.js";
import "./tools.js";

class RoomPage extends RoomElement {
  /** What the button to leave does. */
  leave = async () => {};

  build() {
    this.dataset.state = "inside";
    this.head = el("greenroom-head");
    this.tools = el("greenroom-tools");
    this.own = el("greenroom-own");
    this.panel = el("greenroom-panel");
    this.own.leave = () => this.leave();
    this.append(el("div", { class: "room-main" }, this.head, this.tools, this.own), this.panel);
  }

  get heading() {
    return this.head.heading;
  }

  listen(client) {
    for (const part of [this.head, this.tools, this.own, this.panel]) part.client = client;
    const news = new PeopleNews(client);
    const stops = [
      client.on("roleChanged", ({ from, to, permissions }) => notify(promotionWords(from, to, permissions), { key: "role", shown_ms: 10_000 })),
      () => news.stop(),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /** Out of the room: what was open over it goes with it. */
  stop() {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close("");
  }
}

customElements.define("greenroom-room", RoomPage);

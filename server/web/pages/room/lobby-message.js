/** What everybody in the lobby reads: hosts write it here, and take it away. */

import { actionButton, attempt, problemPlace } from "../common/acting.js";
import { el, setText } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("line");
const MAX_CHARACTERS = 500;

export class LobbyMessage {
  #client;

  /** @param {() => object} client */
  constructor(client) {
    this.#client = client;
    this.problem = problemPlace();
    this.input = el("textarea", {
      id: "lobby-message", rows: 2, maxlength: MAX_CHARACTERS, dir: "auto", placeholder: say("message.none"), "aria-label": say("message"),
    });
    this.send = el("button", { type: "submit", "data-act": "lobby.message" }, say("message.send"));
    this.clear = actionButton(say("message.clear"), this.problem, () => this.#tell(null), { class: "plain", "data-act": "lobby.message.clear" });
    this.shown = el("bdi", { class: "quiet clip" });
    this.root = el("details", { class: "message" },
      el("summary", {}, icon("chat"), el("span", {}, say("message")), this.shown),
      el("form", { onsubmit: (event) => this.#onSubmit(event) },
        this.input, this.problem, el("div", { class: "actions" }, this.send, this.clear)));
  }

  #onSubmit(event) {
    event.preventDefault();
    return attempt(this.problem, () => this.#tell(this.input.value.trim() || null));
  }

  async #tell(text) {
    await this.#client().command("lobby.message", { text });
    if (text === null) this.input.value = "";
    this.root.open = false;
    this.root.firstElementChild.focus();
  }

  // What somebody is typing here is theirs until they send it, whatever another host sends meanwhile.
  show({ lobby_message }) {
    const text = lobby_message ?? "";
    setText(this.shown, text);
    this.clear.hidden = !text;
    if (this.input.dataset.sent === text) return;
    const isTyping = document.activeElement === this.input && this.input.value.trim() !== text;
    this.input.dataset.sent = text;
    if (!isTyping) this.input.value = text;
  }
}

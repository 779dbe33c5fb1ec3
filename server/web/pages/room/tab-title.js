/** What stands on the browser's tab: who waits, what the page is about, and what happened while nobody looked. */

import { siteName } from "../common/frame.js";

export class TabTitle {
  #shown = null;
  #unseen = null;
  #parts = { heading: null, title: null, waiting: 0 };

  constructor() {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden || this.#unseen === null) return;
      this.#unseen = null;
      this.#show();
    });
  }

  /** "(3) Chemistry"; outside the room "You are in line · Chemistry". */
  name(parts) {
    this.#parts = { heading: null, waiting: 0, ...parts };
    this.#show();
  }

  /** Say `text` first until the tab is looked at; a tab that is being looked at needs no such word. */
  tellUntilSeen(text) {
    this.#unseen = document.hidden ? text : null;
    this.#show();
  }

  #show() {
    const { heading, title, waiting } = this.#parts;
    const words = [this.#unseen, heading, title].filter(Boolean).join(" · ") || siteName;
    const shown = waiting > 0 ? `(${waiting}) ${words}` : words;
    if (shown !== this.#shown) document.title = this.#shown = shown;
  }
}

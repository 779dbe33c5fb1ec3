/** What is on screen: the card of somebody outside, or the room; and above both, how the connection is. */

import { OPENING_PAGE, CONNECTING_PAGE, lobbyPage, reconnectingPage } from "./lobby-pages.js";
import { LobbyView } from "./lobby-view.js";
import { RoomView } from "./room-view.js";
import { el, setText } from "./dom.js";
import { withArticle } from "./words.js";

const PATIENCE_MS = 1_200; // a connection that is back sooner was never worth a word
const NOTICE_MS = 12_000;
const SHORT_NOTICE_MS = 4_000;

export class Stage {
  #clock;
  #client = null;
  #page = OPENING_PAGE;
  #context = {};
  #room = null;
  #patience = null;
  #isAway = false;
  #refusal = null;
  #noticeTimer = null;
  #title = null;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {Record<string, Function>} options.actions what the card's buttons do beyond `withdraw` and `knock`
   */
  constructor(root, { clock, actions }) {
    this.#clock = clock;
    this.actions = { ...actions };
    this.card = new LobbyView(clock, {
      knock: () => this.#client.command("lobby.knock"),
      reopen: () => this.#client.command("session.reopen"),
      ...actions,
      zero: (state) => {
        this.render();
        actions.zero?.(state);
      },
    });
    this.connection = el("p", { class: "banner", role: "status", id: "connection", hidden: true });
    this.notice = el("p", { class: "notice", "aria-live": "polite", id: "notice" });
    this.main = el("main", { id: "main" }, this.card.root);
    root.replaceChildren(this.connection, this.notice, this.main);
    this.render();
  }

  /** Show `page` whatever the connection says; null gives the screen back to it. */
  show(page) {
    this.#page = page;
    this.render();
  }

  /** What the card should know beside the connection: `hasMoved`, a `lobby` to show until the server says its own. */
  know(context) {
    this.#context = { ...this.#context, ...context };
    this.render();
  }

  problem(refusal) {
    this.card.problemShown(refusal);
  }

  /** Follow this connection from now on, and no other. */
  follow(client) {
    this.#client?.disconnect();
    this.#client = client;
    this.#isAway = false;
    this.#refusal = null;
    clearTimeout(this.#patience);
    this.#context.left = null;
    const on = (name, act) => client.on(name, (detail) => { if (client === this.#client) act(detail); });
    on("stateChanged", (detail) => this.#onState(detail));
    on("lobbyChanged", ({ left }) => this.#onLobby(left));
    on("synced", ({ reason }) => { if (this.#room === null || reason === "entered") this.#onEntered(); });
    on("changed", () => this.render());
    on("stale", () => this.render());
    on("roleChanged", ({ to }) => this.say(`You are now ${withArticle(to)}.`));
  }

  /** A quiet word, seen for a while and read out once. */
  say(text, shown_ms = NOTICE_MS) {
    clearTimeout(this.#noticeTimer);
    this.notice.textContent = "";
    setTimeout(() => { this.notice.textContent = text; }, 50);
    this.#noticeTimer = setTimeout(() => { this.notice.textContent = ""; }, shown_ms);
  }

  #onState({ state, reason }) {
    if (reason) this.#refusal = reason;
    if (state === "connected" || state === "ended") {
      clearTimeout(this.#patience);
      this.#patience = null;
      this.#isAway = false;
      this.#refusal = null;
    } else if (!this.#isAway && this.#patience === null) {
      this.#patience = setTimeout(() => {
        this.#isAway = true;
        this.render();
      }, PATIENCE_MS);
    }
    this.render();
  }

  #onLobby(left) {
    if (left) this.#context.left = left;
    else if (this.#client.lobby.state !== "waiting_in_line") this.#context.left = null;
    this.render();
  }

  #onEntered() {
    this.#context.left = null;
    this.render();
    this.say("You are in the room.", SHORT_NOTICE_MS);
  }

  render() {
    const client = this.#client;
    this.#showConnection();
    if (this.#page === null && client?.place === "inside") return this.#showRoom();
    this.#showCard(this.#page ?? this.#pageOf(client));
  }

  // A countdown goes on without a connection; everything else outside the room needs one to be true.
  #pageOf(client) {
    const lobby = client?.lobby ?? this.#context.lobby ?? null;
    if (lobby && (!this.#isAway || lobby.state === "countdown")) return lobbyPage(lobby, { ...this.#context, now_ms: this.#clock.now_ms() });
    if (this.#isAway) return reconnectingPage(this.#refusal, { title: lobby?.room.title ?? this.#context.title });
    return CONNECTING_PAGE;
  }

  #showConnection() {
    const stale = this.#client?.stale ?? null;
    const isOver = this.#client === null || this.#client.state === "ended";
    const shown = !isOver && (this.#isAway || stale !== null);
    this.connection.hidden = !shown;
    this.connection.dataset.kind = this.#isAway ? "away" : "stale";
    setText(this.connection, !shown ? "" : this.#isAway
      ? "Connection lost; reconnecting. What you see may be old."
      : "The service cannot reach its store just now: what you see may be old, and nothing can be changed. Countdowns go on.");
  }

  #showCard(page) {
    if (this.#room) {
      this.#room.stop();
      this.#room = null;
      this.notice.textContent = "";
    }
    const wasAway = this.card.root.parentNode !== this.main;
    if (wasAway) this.main.replaceChildren(this.card.root);
    this.card.show(page);
    if (wasAway && document.activeElement === document.body) this.card.heading.focus();
    this.#nameTab(page.heading, page.title);
  }

  #showRoom() {
    if (!this.#room) {
      const isFirst = document.activeElement === document.body || this.card.root.contains(document.activeElement);
      this.card.stop();
      this.#room = new RoomView(this.#client, { leave: () => this.actions.leave() });
      this.main.replaceChildren(this.#room.root);
      if (isFirst) this.#room.heading.focus();
    }
    this.#room.render();
    this.#nameTab(null, this.#client.room.title);
  }

  #nameTab(state, title) {
    const name = [state, title].filter(Boolean).join(" · ") || "Greenroom";
    if (name !== this.#title) document.title = this.#title = name;
  }
}

/** What is on screen: the card of somebody outside, or the room; and above both, how the connection is. */

import { el, setText } from "../common/dom.js";
import { mayTakeFocus } from "../common/focus.js";
import { buildFrame } from "../common/frame.js";
import { icon } from "../common/icons.js";
import { asRefusal } from "../common/refusal.js";
import { followToken } from "../common/session-http.js";
import { alertNow } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";
import { showAdmitted } from "../lobby/admitted.js";
import { LobbyCard } from "../lobby/card.js";
import { stateOf } from "../lobby/states.js";
import { TabTitle } from "./tab-title.js";

const say = await wordsOf("room");
const PATIENCE_MS = 1_200; // a connection that is back sooner was never worth a word

export class Stage {
  #client = null;
  #facts = { isOpening: true };
  #context = {};
  #room = null;
  #patience = null;
  #isAway = false;
  #refusal = null;
  #title = new TabTitle();
  #saidOfConnection = "";
  #isRoomLoaded = false;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {Record<string, Function>} options.actions what the card's buttons do beyond `withdraw` and `knock`
   */
  constructor(root, { clock, actions }) {
    this.actions = { ...actions };
    this.card = new LobbyCard({
      clock,
      named: ({ state, title }) => this.#title.name({ heading: state, title }),
      actions: {
        knock: () => this.#client.command("lobby.knock"),
        reopen: () => this.#client.command("session.reopen"),
        ...actions,
        zero: (state) => {
          this.render();
          actions.zero?.(state);
        },
      },
    });
    this.connectionText = el("span", {});
    this.connection = el("aside", { class: "banner", id: "connection", hidden: true }, icon("offline"), this.connectionText);
    const { bar, main } = buildFrame(root, { above: [this.connection] });
    this.bar = bar;
    this.main = main;
    this.main.append(this.card);
    this.render();
  }

  /** What is known of this step of the way in (see lobby/states.js), in place of what was; it goes over what the connection says. */
  show(facts) {
    this.#facts = facts;
    this.render();
  }

  /** What else the card should know until it is told otherwise: `hasMoved`, a `lobby` to show until the server says its own. */
  know(context) {
    this.#context = { ...this.#context, ...context };
    this.render();
  }

  problem(refusal) {
    this.card.problemShown(refusal);
  }

  /** Follow this connection from now on, and no other; before it connects. */
  follow(client) {
    this.#client?.disconnect();
    this.#client = client;
    this.#isAway = false;
    this.#refusal = null;
    clearTimeout(this.#patience);
    this.#patience = null;
    this.#context.left = null;
    followToken(client);
    const on = (name, act) => client.on(name, (detail) => { if (client === this.#client) act(detail); });
    on("stateChanged", (detail) => this.#onState(detail));
    on("lobbyChanged", ({ left }) => this.#onLobby(left));
    on("synced", ({ reason }) => { if (this.#room === null || reason === "entered") this.#onEntered(); });
    on("changed", () => this.render());
    on("stale", () => this.render());
    on("tick", () => { if (this.card.state === "countdown") this.render(); }); // the tab's own clock may have been set meanwhile
  }

  // Whoever only looks at a link loads nothing of the room; whoever is on the way in has it before the door opens.
  async #loadRoom() {
    try {
      await import("./room-page.js");
      this.#isRoomLoaded = true;
      this.render();
    } catch (error) {
      this.show({ ended: asRefusal(error) });
    }
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
    if (!this.#client.lobby.needs_email) import("./room-page.js").catch(() => {}); // tried again when it is needed
    this.render();
  }

  #onEntered() {
    this.#context.left = null;
    if (this.#room === null && this.card.state !== "opening") showAdmitted();
    this.render();
    alertNow(say("inside"));
    this.#title.tellUntilSeen(say("inside_title"));
  }

  render() {
    const known = this.#known;
    const state = stateOf(known);
    this.#showConnection(state);
    if (state === "inside") this.#showRoom();
    else this.#showCard(known);
  }

  get #known() {
    const client = this.#client;
    const lobby = client?.lobby ?? this.#context.lobby ?? null;
    return { ...this.#context, lobby, place: client?.place, isAway: this.#isAway, delay: this.#refusal, ...this.#facts };
  }

  // A card that says so itself needs no banner.
  #showConnection(state) {
    const stale = this.#client?.stale ?? null;
    const isOver = this.#client === null || this.#client.state === "ended" || state === "reconnecting";
    const kind = isOver ? null : this.#isAway ? "away" : stale !== null ? "stale" : null;
    this.connection.hidden = kind === null;
    this.connection.dataset.kind = kind ?? "";
    const words = kind === null ? "" : say(`connection.${kind}`);
    setText(this.connectionText, words);
    const isBack = words === "" && this.#client?.state === "connected";
    if (words !== this.#saidOfConnection && (words || isBack)) alertNow(words || say("connection.back"));
    this.#saidOfConnection = words;
  }

  #showCard(known) {
    if (this.#room) {
      this.#room.remove();
      this.#room = null;
    }
    document.body.classList.remove("in-room");
    if (this.card.parentNode !== this.main) this.main.replaceChildren(this.card);
    this.card.show(known);
  }

  // The room's own elements follow the connection by themselves.
  #showRoom() {
    if (!this.#isRoomLoaded) return void this.#loadRoom();
    if (!this.#room) {
      const takesFocus = mayTakeFocus(this.card);
      this.#room = document.createElement("greenroom-room");
      this.#room.leave = () => this.actions.leave();
      this.#room.client = this.#client;
      document.body.classList.add("in-room");
      this.main.replaceChildren(this.#room);
      if (takesFocus) this.#room.heading.focus();
    }
    this.#title.name({ title: this.#client.room.title, waiting: this.#client.waiterCount ?? 0 });
  }
}

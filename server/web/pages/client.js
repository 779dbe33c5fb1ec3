/**
 * One tab's conversation with Greenroom, without dependencies: hello, a replica without holes, commands, the way back
 * after a lost connection. Knows nothing of the page; what happens is told by events.
 *
 * Events (their `detail`): `status` {status, refusal, retry_at_ms} · `change` {events}: the replica is another one ·
 * `lobby` {left} · `entered` · `role` {role, old_role} · `tick` · `applied` · `stale` · `token` {token, expires_at_ms} ·
 * `end` {refusal}: it is over, and does not come back by itself.
 */

import { ServerClock } from "./clock.js";
import { helloText } from "./device.js";
import { PendingCommands } from "./pending.js";
import { RefusedError, unreachable } from "./refusal.js";
import { Replica } from "./replica.js";

export { RefusedError, Replica, ServerClock };

const SUBPROTOCOL = "greenroom.v1.json";
const HANDSHAKE_MS = 15_000;
const COMMAND_LIMIT_MS = 15_000;
const BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 20_000;
const STEADY_MS = 10_000; // a connection that lasted so long was a good one: the next loss starts from a short pause
const RENEW_BEFORE_MS = 60_000;
const MAX_TIMER_MS = 2 ** 31 - 1;
const MAX_SIGN_INS = 3;
const SIGN_IN_AGAIN = new Set(["token_expired", "token_invalid", "proof_invalid"]);

export class RoomClient extends EventTarget {
  /** `connecting`, `open`, `waiting` (for the next try), `ended`. */
  status = "connecting";
  /** The room, while this tab is inside; else null. */
  replica = null;
  /** What a waiting tab shows, while it is in the lobby; else null. */
  lobby = null;
  you = null;
  /** The last `stale` message, while the server cannot reach its store; else null. */
  stale = null;
  /** How far the roles given here have reached: participant id → the latest `applied`. */
  applied = new Map();
  clock;

  #url;
  #token;
  #sign;
  #renew;
  #makeSocket;
  #random;
  #socket = null;
  #bye = null;
  #connectionId = null;
  #openedAt = null;
  #attempt = 0;
  #signIns = 0;
  #notBefore = 0;
  #refusal = null;
  #retryTimer = null;
  #handshakeTimer = null;
  #silenceTimer = null;
  #renewTimer = null;
  #heartbeat_ms = 0;
  #heardAt = 0;
  #isSuspect = false;
  #isSyncing = false;
  #acked = -1;
  #pending = new PendingCommands();
  #wakeUp = () => this.#wake();

  /**
   * @param {object} options
   * @param {string} options.token a session token or a lobby token
   * @param {((text: string) => Promise<string>) | null} [options.sign] the device key's signature, where the token came
   *   from a claim with one
   * @param {(() => Promise<{token: string, expires_at_ms: number, sign?: Function | null}>) | null} [options.renew] how to become somebody again
   *   when the token is no longer good; throws a RefusedError when that cannot be
   */
  constructor({ token, sign = null, renew = null, url = null, clock = new ServerClock(), makeSocket = null, random = Math.random }) {
    super();
    this.#token = token;
    this.#sign = sign;
    this.#renew = renew;
    this.#url = url ?? new URL("/v1/ws", location.href).href.replace(/^http/, "ws");
    this.clock = clock;
    this.#makeSocket = makeSocket ?? ((address, protocols) => new WebSocket(address, protocols));
    this.#random = random;
  }

  /** Start; tells everything by events from then on. */
  connect() {
    globalThis.addEventListener?.("online", this.#wakeUp);
    globalThis.addEventListener?.("pageshow", this.#wakeUp);
    globalThis.document?.addEventListener("visibilitychange", this.#wakeUp);
    this.#open();
    return this;
  }

  /** Stop for good, without saying `leave`: the seat is kept for the grace. */
  close() {
    if (this.status !== "ended") this.#finish(null);
  }

  /**
   * Ask for something to be done; answers the result once.
   * @throws {RefusedError} the server said no, or gave no answer in time (`unconfirmed`)
   */
  async command(type, fields = {}, { limit_ms = COMMAND_LIMIT_MS } = {}) {
    if (this.status === "ended") throw ended();
    const { message, answer } = this.#pending.add(type, fields, limit_ms);
    if (this.status === "open") this.#send(message);
    return answer;
  }

  // ── The connection ─────────────────────────────────────────────────────────────────────────────────────────────────

  #open() {
    clearTimeout(this.#retryTimer);
    this.#setStatus("connecting");
    this.#bye = null;
    this.#acked = -1;
    this.#isSyncing = false;
    this.#openedAt = null;
    const socket = this.#makeSocket(this.#url, [SUBPROTOCOL]);
    this.#socket = socket;
    socket.onmessage = ({ data }) => { if (socket === this.#socket) this.#hear(socket, data); };
    socket.onclose = ({ code }) => { if (socket === this.#socket) this.#lost(code); };
    this.#handshakeTimer = setTimeout(() => { if (socket === this.#socket) this.#lost(1006); }, HANDSHAKE_MS);
  }

  #send(message) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #hear(socket, data) {
    this.#heardAt = performance.now();
    this.#isSuspect = false;
    const message = JSON.parse(data);
    const handler = HANDLERS[message.type];
    if (handler) handler(this, message, socket);
  }

  // The server's own words come first; a connection that only vanished is always worth another try.
  #lost(code) {
    const bye = this.#bye;
    const lasted_ms = this.#openedAt === null ? 0 : performance.now() - this.#openedAt;
    this.#dropSocket();
    if (bye && SIGN_IN_AGAIN.has(bye.code)) {
      if (this.#renew && this.#signIns < MAX_SIGN_INS) return void this.#signInAgain();
      return this.#finish(new RefusedError(bye));
    }
    const isOver = (code >= 4500 && code <= 4999) || (bye !== null && bye.retry_after_ms === null && !(code >= 4000 && code < 4500));
    if (isOver) return this.#finish(new RefusedError(bye ?? { code: `closed_${code}`, message: "The server ended this connection." }));
    if (lasted_ms > STEADY_MS) this.#attempt = 0;
    this.#comeBack(bye ? new RefusedError(bye) : unreachable(), bye?.retry_after_ms ?? 0);
  }

  #dropSocket() {
    const socket = this.#socket;
    this.#socket = null;
    for (const timer of [this.#handshakeTimer, this.#silenceTimer, this.#renewTimer]) clearTimeout(timer);
    if (socket === null) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  // Full jitter: a whole audience that lost its node must not return as one.
  #comeBack(refusal, least_ms) {
    const spread_ms = this.#random() * Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** Math.min(this.#attempt, 10));
    this.#attempt += 1;
    this.#notBefore = Date.now() + least_ms;
    this.#retryIn(least_ms + spread_ms, refusal);
  }

  #retryIn(delay_ms, refusal) {
    this.#refusal = refusal;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#open(), delay_ms);
    this.#setStatus("waiting", refusal, Date.now() + delay_ms);
  }

  async #signInAgain() {
    this.#signIns += 1;
    this.#setStatus("connecting");
    try {
      const { token, expires_at_ms, sign = null } = await this.#renew();
      if (this.status === "ended") return;
      this.#keepToken(token, expires_at_ms);
      this.#sign = sign;
      this.#open();
    } catch (error) {
      if (this.status === "ended") return;
      if (!(error instanceof RefusedError)) throw error;
      if (error.isTransient) this.#comeBack(error, error.retryAfterMs);
      else this.#finish(error);
    }
  }

  #finish(refusal) {
    this.#dropSocket();
    clearTimeout(this.#retryTimer);
    globalThis.removeEventListener?.("online", this.#wakeUp);
    globalThis.removeEventListener?.("pageshow", this.#wakeUp);
    globalThis.document?.removeEventListener("visibilitychange", this.#wakeUp);
    this.#setStatus("ended", refusal);
    this.#pending.refuseAll(refusal ?? ended());
    if (refusal) this.#tell("end", { refusal });
  }

  #setStatus(status, refusal = null, retry_at_ms = null) {
    this.status = status;
    this.#tell("status", { status, refusal, retry_at_ms });
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  // The tab is seen again, or the network is back: no need to sit out the pause, unless the server asked for it.
  #wake() {
    if (globalThis.document?.visibilityState === "hidden") return;
    if (this.status === "waiting") {
      const least_ms = Math.max(0, this.#notBefore - Date.now());
      this.#retryIn(least_ms + this.#random() * 250, this.#refusal);
    } else if (this.status === "open") {
      this.#listenForSilence();
    }
  }

  // A tab that slept finds its timers due before its messages are read: so silence is believed at the second look only.
  #listenForSilence() {
    clearTimeout(this.#silenceTimer);
    const silent_ms = performance.now() - this.#heardAt;
    if (silent_ms > this.#heartbeat_ms && this.#isSuspect) return this.#lost(1006);
    this.#isSuspect = silent_ms > this.#heartbeat_ms;
    const next_ms = this.#isSuspect ? 1_000 : Math.max(250, this.#heartbeat_ms - silent_ms + 50);
    this.#silenceTimer = setTimeout(() => this.#listenForSilence(), next_ms);
  }

  // ── What the server says ───────────────────────────────────────────────────────────────────────────────────────────

  async onChallenge({ nonce, now_ms }, socket) {
    this.clock.sample(now_ms);
    const hello = { type: "hello", token: this.#token };
    if (this.#sign) hello.proof = await this.#sign(helloText(nonce));
    if (this.replica) hello.resume = this.replica.position;
    if (this.#connectionId) hello.replaces = this.#connectionId;
    if (socket === this.#socket) this.#send(hello);
  }

  onWelcome(welcome) {
    clearTimeout(this.#handshakeTimer);
    this.clock.sample(welcome.now_ms);
    this.#connectionId = welcome.connection_id;
    this.#heartbeat_ms = welcome.heartbeat_ms;
    this.#openedAt = performance.now();
    this.#signIns = 0;
    this.stale = null;
    if (welcome.token) this.#keepToken(welcome.token, welcome.token_expires_at_ms);
    this.#setStatus("open");
    if (welcome.lobby) this.#stayInLobby(welcome.lobby, welcome.you, null);
    else if (welcome.resumed && this.replica) this.#resume(welcome.you);
    else this.#enter(welcome);
    this.#listenForSilence();
    this.#sendAgain();
  }

  // A command whose answer was lost keeps its id: the server gives the first answer again, nothing happens twice.
  #sendAgain() {
    for (const message of this.#pending.messages()) {
      if (message.type === "sync") this.#pending.answer(message.id, {});
      else this.#send(message);
    }
  }

  onEntered(message) {
    this.#keepToken(message.token, message.token_expires_at_ms);
    this.#enter(message);
  }

  onResync(message) {
    this.#isSyncing = false;
    this.#enter(message);
  }

  onLobby({ lobby, you, left }) {
    this.#stayInLobby(lobby, you, left);
  }

  onEvents(frame) {
    if (!this.replica) return;
    const old_role = this.replica.you.role;
    const events = this.replica.apply(frame);
    if (events === null) return void this.#sync();
    this.you = this.replica.you;
    for (const event of events) this.#forgetApplied(event);
    const refreshes = events.filter((event) => event.type === "refresh");
    for (const refresh of refreshes) {
      this.#keepToken(refresh.token, refresh.token_expires_at_ms);
      this.#ack(refresh.role_rev, true);
    }
    if (events.length) this.#tell("change", { events });
    if (this.you.role !== old_role) this.#tell("role", { role: this.you.role, old_role });
  }

  // Somebody else has changed the role since: how far the one given here has reached says nothing any more.
  #forgetApplied({ type, participant, by }) {
    if (type === "participant.role_changed" && by !== this.you.participant_id) this.applied.delete(participant.participant_id);
  }

  onTick(tick) {
    this.clock.sample(tick.now_ms);
    this.#tell("tick", tick);
  }

  onApplied(applied) {
    const known = this.applied.get(applied.participant_id);
    if (known && known.rev > applied.rev) return;
    this.applied.set(applied.participant_id, applied);
    this.#tell("applied", applied);
  }

  onStale(stale) {
    this.stale = stale.stale ? stale : null;
    this.#tell("stale", stale);
  }

  onResult({ id, result, seq }) {
    this.#pending.answer(id, { ...result, seq });
  }

  onRefused(refused) {
    if (refused.id !== null) this.#pending.refuse(refused.id, new RefusedError(refused));
  }

  onBye(bye) {
    this.#bye = bye;
  }

  #enter({ position, you, snapshot }) {
    const old_role = this.replica?.you.role ?? null;
    const wasInside = this.replica !== null;
    this.replica = new Replica({ position, you, snapshot });
    this.you = you;
    this.lobby = null;
    this.#ack(you.role_rev);
    if (!wasInside) this.#tell("entered");
    this.#tell("change", { events: [] });
    if (wasInside && old_role !== you.role) this.#tell("role", { role: you.role, old_role });
  }

  // The events that follow bring what was missed; a role that changed meanwhile shows other lists, so those come whole.
  #resume(you) {
    const before = this.replica.you;
    this.replica.you = this.you = you;
    this.#ack(you.role_rev);
    this.#tell("change", { events: [] });
    if (before.role !== you.role) this.#tell("role", { role: you.role, old_role: before.role });
    if (before.role_rev !== you.role_rev) this.#sync();
  }

  #stayInLobby(lobby, you, left) {
    this.replica = null;
    this.applied.clear();
    this.lobby = lobby;
    this.you = you;
    if (you.participant_id !== null) this.#ack(you.role_rev);
    this.#tell("lobby", { left });
  }

  // The protocol's `ack` covers every earlier revision, so one for each new revision of a connection is enough.
  #ack(role_rev, always = false) {
    if (role_rev <= this.#acked && !always) return;
    this.#acked = Math.max(this.#acked, role_rev);
    this.#send({ type: "ack", role_rev });
  }

  async #sync() {
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    try {
      await this.command("sync");
    } catch (error) {
      // Without the missing part this copy is worth nothing: a new connection brings a whole one.
      if (this.#isSyncing && this.status === "open") this.#lost(1006);
      if (!(error instanceof RefusedError)) throw error;
    }
  }

  // ── Tokens and answers ─────────────────────────────────────────────────────────────────────────────────────────────

  #keepToken(token, expires_at_ms) {
    this.#token = token;
    this.#tell("token", { token, expires_at_ms });
    clearTimeout(this.#renewTimer);
    const left_ms = expires_at_ms - this.clock.now_ms();
    const early_ms = Math.min(RENEW_BEFORE_MS, left_ms / 3) * (1 + this.#random());
    this.#renewIn(left_ms - early_ms);
  }

  #renewIn(delay_ms) {
    this.#renewTimer = setTimeout(() => this.#renewToken(), Math.min(MAX_TIMER_MS, Math.max(1_000, delay_ms)));
  }

  // Lobby tokens cannot be renewed here: when one has run out, the page looks at its link again.
  async #renewToken() {
    if (this.status !== "open" || this.you?.participant_id == null) return;
    try {
      const { token, token_expires_at_ms } = await this.command("token.renew");
      this.#keepToken(token, token_expires_at_ms);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      if (error.isTransient || error.code === "unconfirmed") this.#renewIn(error.retryAfterMs ?? 5_000);
    }
  }
}

const HANDLERS = {
  challenge: (client, message, socket) => client.onChallenge(message, socket),
  welcome: (client, message) => client.onWelcome(message),
  events: (client, message) => client.onEvents(message),
  resync: (client, message) => client.onResync(message),
  entered: (client, message) => client.onEntered(message),
  lobby: (client, message) => client.onLobby(message),
  tick: (client, message) => client.onTick(message),
  applied: (client, message) => client.onApplied(message),
  stale: (client, message) => client.onStale(message),
  result: (client, message) => client.onResult(message),
  refused: (client, message) => client.onRefused(message),
  bye: (client, message) => client.onBye(message),
};

function ended() {
  return new RefusedError({ code: "ended", message: "This tab is no longer connected.", next_step: "Load the page again." });
}

/**
 * One tab of a room: who is there, who waits, what this person may do, always as the server has it; commands as promises; the
 * way back after a lost connection. No dependencies. What everything is called and holds: greenroom-client.d.ts.
 */

import { ServerClock } from "./greenroom-clock.js";
import { PendingCommands } from "./greenroom-commands.js";
import { Connection } from "./greenroom-connection.js";
import { Refused } from "./greenroom-refusal.js";
import { Replica, tellReplaced } from "./greenroom-replica.js";

export { ServerClock } from "./greenroom-clock.js";
export { openDevice } from "./greenroom-device.js";
export { Refused } from "./greenroom-refusal.js";

const COMMAND_LIMIT_MS = 15_000;
const RENEW_BEFORE_MS = 60_000;
const MAX_TIMER_MS = 2 ** 31 - 1;
const NONE = Object.freeze([]);

const TIME = {
  now: () => Date.now(),
  steady: () => performance.now(),
  after: (delay_ms, act) => {
    const timer = setTimeout(act, delay_ms);
    return () => clearTimeout(timer);
  },
};

const HANDLERS = {};

export class RoomClient {
  me = null;
  lobby = null;
  features = null;
  stale = null;
  tick = null;

  #replica = null;
  #applied = new Map();
  #listeners = new Map();
  #pending = new PendingCommands();
  #connection;
  #connectionId = null;
  #time;
  #random;
  #limitMs;
  #maxBytes = Infinity;
  #acked = -1;
  #isSyncing = false;
  #watched = null;
  #cancelRenewal = () => {};
  #arrival = null;

  constructor({
    getToken, url = globalThis.location?.href, device = null, transport = (address, protocols) => new WebSocket(address, protocols),
    clock = null, time = TIME, random = Math.random, commandLimitMs = COMMAND_LIMIT_MS,
  }) {
    this.clock = clock ?? new ServerClock(time);
    this.#time = time;
    this.#random = random;
    this.#limitMs = commandLimitMs;
    this.#connection = new Connection({
      url: new URL("/v1/ws", url).href.replace(/^http/, "ws"),
      getToken, device, transport, time, random, clock: this.clock,
      hello: () => this.#hello(),
      heard: (message) => {
        HANDLERS[message.type]?.(this, message);
        if (!["tick", "result", "refused"].includes(message.type) && message.events?.length !== 0) this.#tell("changed", {});
      },
      changed: () => this.#stateChanged(),
      probe: () => this.#renewToken(),
      failed: (error) => this.#tell("error", { error }),
    });
  }

  get state() { return this.#connection.state; }
  get reason() { return this.#connection.reason; }
  get willRetry() { return this.#connection.willRetry; }
  get retryAtMs() { return this.#connection.retryAtMs; }
  get place() { return this.#replica ? "inside" : this.lobby ? "lobby" : null; }
  get room() { return this.#replica?.room ?? null; }
  get isLarge() { return this.#replica?.large ?? false; }
  get participants() { return this.#replica?.rows("participants") ?? NONE; }
  get waiters() { return this.#replica?.rows("waiters") ?? null; }
  get waiterCount() { return this.#states.line?.total ?? this.waiters?.length ?? null; }
  get deviceRequests() { return this.#replica?.rows("device_requests") ?? null; }
  get invitations() { return this.#replica?.rows("invitations") ?? null; }
  get guestLinks() { return this.#replica?.rows("guest_links") ?? null; }
  get counts() { return this.#states.counts ?? null; }
  get hands() { return this.#states.hands ?? null; }
  get roster() { return this.#states.roster ?? null; }
  get applied() { return this.#applied; }
  get position() { return this.#replica?.position ?? null; }
  get #states() { return this.#replica?.states ?? {}; }

  now() {
    return this.clock.now_ms();
  }

  remainingMs(instant_ms) {
    return Math.max(0, instant_ms - this.now());
  }

  may(permission) {
    return this.me?.permissions.includes(permission) ?? false;
  }

  participant(participantId) {
    return this.#replica?.participant(participantId) ?? null;
  }

  toSnapshot() {
    return this.#replica?.toSnapshot() ?? null;
  }

  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name).add(listener);
    return () => this.off(name, listener);
  }

  off(name, listener) {
    this.#listeners.get(name)?.delete(listener);
  }

  connect() {
    if (this.#arrival) return this.#arrival.promise;
    this.#arrival = {};
    const promise = this.#arrival.promise = new Promise((resolve, reject) => Object.assign(this.#arrival, { resolve, reject }));
    promise.catch(() => {}); // who does not wait for it hears of it by `stateChanged`
    this.#connection.connect();
    return promise;
  }

  disconnect() {
    if (this.state !== "ended") this.#connection.finish();
  }

  async leave() {
    try {
      await this.command("leave");
    } catch (error) {
      if (this.state !== "ended") throw error;
    }
    this.disconnect();
  }

  async command(type, fields = {}, { id = undefined, limitMs = this.#limitMs } = {}) {
    if (this.state === "ended" || this.state === "idle") throw ended();
    const waiting = this.#pending.add(type, fields, { id, limitMs, time: this.#time });
    if (this.state === "connected") this.#sendCommand(waiting);
    return waiting.answer;
  }

  watch(page) {
    if (JSON.stringify(page) === JSON.stringify(this.#watched)) return;
    this.#watched = page;
    this.#askForWatched();
  }

  // ── What the server says ───────────────────────────────────────────────────────────────────────────────────────────

  #hello() {
    this.#acked = -1;
    this.#isSyncing = false;
    return {
      ...(this.#replica ? { resume: this.#replica.position } : {}),
      ...(this.#connectionId ? { replaces: this.#connectionId } : {}),
    };
  }

  static #onWelcome(client, welcome) {
    client.#connectionId = welcome.connection_id;
    client.features = welcome.features;
    client.stale = null;
    client.#maxBytes = welcome.limits.max_frame_bytes;
    client.#connection.welcomed(welcome);
    if (client.state !== "connected") return;
    client.#keepToken(welcome.token, welcome.token_expires_at_ms);
    if (welcome.lobby) client.#stayInLobby(welcome);
    else if (welcome.resumed && client.#replica) client.#resume(welcome.you);
    else client.#enter(welcome, "welcome");
    client.#arrival?.resolve(client.place);
    client.#sendAgain();
    if (client.#watched) client.#askForWatched();
  }

  // A command whose answer was lost keeps its id: the server gives the first answer again, nothing happens twice.
  #sendAgain() {
    for (const waiting of this.#pending.all) {
      if (waiting.message.type === "sync") this.#pending.answer(waiting.message.id, {});
      else this.#sendCommand(waiting);
    }
  }

  // One that is too large would end each connection.
  #sendCommand(waiting) {
    const { id } = waiting.message;
    if (new TextEncoder().encode(JSON.stringify(waiting.message)).length > this.#maxBytes) return this.#pending.refuse(id, tooLarge(id));
    waiting.isSent = this.#connection.send(waiting.message) || waiting.isSent;
  }

  static #onEntered(client, message) {
    client.#keepToken(message.token, message.token_expires_at_ms);
    client.#enter(message, "entered");
    client.#tell("admitted", {});
    if (client.#watched) client.#askForWatched();
  }

  static #onEvents(client, frame) {
    if (!client.#replica) return;
    const { last } = client.#replica;
    const told = client.#replica.apply(frame);
    if (told === null) return void client.#sync();
    client.me = client.#replica.you;
    for (const { type, seq, token, token_expires_at_ms, role_rev } of frame.events) {
      if (type !== "refresh" || seq <= last) continue;
      client.#keepToken(token, token_expires_at_ms);
      client.#acked = role_rev;
      client.#connection.send({ type: "ack", role_rev });
    }
    for (const [name, detail] of told) {
      client.#forgetApplied(name, detail);
      client.#tell(name, detail);
    }
  }

  // Somebody else has changed the role since: how far the one given here has reached says nothing any more.
  #forgetApplied(name, { reason, participant, by }) {
    if (name === "participantUpdated" && reason === "role" && by !== this.me.participant_id) this.#applied.delete(participant.participant_id);
  }

  static #onState(client, state) {
    for (const [name, detail] of client.#replica?.keep(state) ?? NONE) client.#tell(name, detail);
  }

  #enter(message, reason) {
    const before = this.#replica;
    this.lobby = null;
    this.#become(new Replica(message, before), message.you, reason);
    if (before && before.you.role !== this.me.role) this.#tellRole(before.you.role);
  }

  // The events that follow bring what was missed; a role that changed meanwhile shows other lists, so those come whole.
  #resume(you) {
    const before = this.#replica.you;
    this.#replica.you = this.me = you;
    this.#ack();
    this.#tell("synced", { reason: "resumed" });
    if (before.role !== you.role) this.#tellRole(before.role);
    if (before.role_rev !== you.role_rev) this.#sync();
  }

  #stayInLobby({ lobby, you, left = null }) {
    const before = this.lobby?.state;
    this.lobby = lobby;
    this.#applied.clear();
    this.#become(null, you, "left");
    this.#tell("lobbyChanged", { lobby, left });
    if (left) this.#tell("removed", { reason: left });
    if (lobby.state === "declined" && before !== "declined") this.#tell("declined", { message: lobby.decline_message, canKnock: lobby.can_knock });
  }

  // Everything is in its place before anything is told.
  #become(replica, you, reason) {
    const told = tellReplaced(this.#replica, replica, reason);
    const wasRoom = this.#replica?.room ?? null;
    this.#replica = replica;
    this.#isSyncing = false;
    this.me = you;
    this.#ack();
    for (const [name, detail] of told) this.#tell(name, detail);
    if (replica && JSON.stringify(replica.room) !== JSON.stringify(wasRoom)) {
      this.#tell("roomChanged", { room: replica.room, before: wasRoom, what: reason, by: null });
    }
    if (replica) this.#tell("synced", { reason });
  }

  #tellRole(from) {
    this.#tell("roleChanged", { from, to: this.me.role, by: null, permissions: this.me.permissions });
  }

  // An acknowledgement covers every earlier revision, so one for each new revision of a connection is enough.
  #ack() {
    const { participant_id, role_rev } = this.me;
    if (participant_id === null || role_rev <= this.#acked) return;
    this.#acked = role_rev;
    this.#connection.send({ type: "ack", role_rev });
  }

  async #sync() {
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    try {
      await this.command("sync");
    } catch {
      // Without the missing part this copy is worth nothing: a new connection brings a whole one.
      if (this.#isSyncing && this.state === "connected") this.#connection.lose();
    }
  }

  // The server forgets it with the connection and before the lobby; where it is refused, the page stays as it was.
  #askForWatched() {
    if (this.#replica) this.command("participants.watch", { page: this.#watched }).catch(() => {});
  }

  // ── Tokens, state, telling ─────────────────────────────────────────────────────────────────────────────────────────

  #keepToken(token, expiresAtMs) {
    this.#connection.keepToken(token);
    const left_ms = expiresAtMs - this.now();
    this.#renewIn(left_ms - Math.min(RENEW_BEFORE_MS, left_ms / 3) * (1 + this.#random()));
    this.#tell("token", { token, expiresAtMs });
  }

  #renewIn(delay_ms) {
    this.#cancelRenewal();
    this.#cancelRenewal = this.#time.after(Math.min(MAX_TIMER_MS, Math.max(1_000, delay_ms)), () => this.#renewToken());
  }

  // Also asked when a tab wakes: the answer shows that the connection lives.
  async #renewToken() {
    if (this.state !== "connected") return;
    try {
      const { token, token_expires_at_ms } = await this.command("token.renew");
      this.#keepToken(token, token_expires_at_ms);
    } catch (error) {
      if (error.isTransient || error.code === "unconfirmed") this.#renewIn(error.retryAfterMs ?? 5_000);
    }
  }

  #stateChanged() {
    const { state, reason, willRetry, retryAtMs } = this;
    if (state === "ended") {
      const refusal = reason ?? ended();
      this.#cancelRenewal();
      this.#pending.refuseAll(refusal);
      this.#arrival?.reject(refusal);
      this.#arrival = null;
    }
    this.#tell("stateChanged", { state, reason, willRetry, retryAtMs });
  }

  #tell(name, detail) {
    for (const listener of [...this.#listeners.get(name) ?? NONE]) {
      try {
        listener(detail);
      } catch (error) {
        reportError(error); // theirs: neither the room nor the other listeners suffer from it
      }
    }
  }

  static {
    Object.assign(HANDLERS, {
      welcome: this.#onWelcome,
      events: this.#onEvents,
      resync: (client, message) => client.#enter(message, message.reason),
      entered: this.#onEntered,
      lobby: (client, message) => client.#stayInLobby(message),
      tick: (client, tick) => {
        client.clock.sample(tick.now_ms);
        client.tick = tick;
        client.#tell("tick", { tick });
      },
      applied: (client, applied) => {
        if (client.#applied.get(applied.participant_id)?.rev > applied.rev) return;
        client.#applied.set(applied.participant_id, applied);
        client.#tell("applied", { applied });
      },
      stale: (client, stale) => {
        client.stale = stale.stale ? stale : null;
        client.#tell("stale", { stale });
      },
      features: (client, { features }) => { client.features = features; },
      result: (client, { id, result, seq }) => client.#pending.answer(id, { ...result, seq }),
      refused: (client, refused) => client.#pending.refuse(refused.id, new Refused({ ...refused, requestId: refused.id })),
      ...Object.fromEntries(["counts", "hands", "own", "line", "roster"].map((name) => [name, this.#onState])),
    });
  }
}

function tooLarge(requestId) {
  return new Refused({ code: "too_large", message: "The request is too large.", next_step: "Send less at once.", requestId });
}

function ended() {
  return new Refused({ code: "ended", message: "This tab is not connected.", next_step: "Connect again." });
}

/** One websocket at a time to any node: hello, silence noticed, the way back. What is said on it is somebody else's. */

import { helloText } from "./greenroom-device.js";
import { Refused, unreachable } from "./greenroom-refusal.js";

const SUBPROTOCOL = "greenroom.v1.json";
const HANDSHAKE_MS = 15_000;
const BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 20_000;
const WAKE_SPREAD_MS = 250;
const STEADY_MS = 10_000; // a connection that lasted so long was a good one: the next loss starts from a short pause
const MAX_SIGN_INS = 3;
const SIGN_IN_AGAIN = new Set(["token_expired", "token_invalid", "proof_invalid"]);
const PROBE_AFTER_MS = 2_000;
const PROBE_LIMIT_MS = 5_000;

export class Connection {
  state = "idle";
  reason = null;
  retryAtMs = null;

  #options;
  #token = null;
  #socket = null;
  #run = 0; // rises with each try, so that what an earlier one still waits for changes nothing
  #bye = null;
  #mark = null;
  #openedAt = null;
  #attempt = 0;
  #signIns = 0;
  #notBefore = 0;
  #heartbeat_ms = 0;
  #heardAt = 0;
  #isSuspect = false;
  #timers = {};
  #wakeUp = () => this.#wake();

  /**
   * `options`: url, getToken, device, transport, time, random, clock; and what to call: `hello()` answers what to say beside
   * the token, `heard(message)`, `changed()`: the state is another one, `probe()`: ask anything that
   * is answered, `failed(error)`: getToken broke.
   */
  constructor(options) {
    this.#options = options;
  }

  get willRetry() {
    return this.state === "reconnecting" || this.state === "connecting";
  }

  connect() {
    this.#listenForWakes("addEventListener");
    this.#signIns = this.#attempt = 0;
    if (this.#set("connecting")) this.#open();
  }

  /** The newest token; the connection that there is goes on without it. */
  keepToken(token) {
    this.#token = token;
  }

  /** Answers whether it went out. */
  send(message) {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** It is over, for `refusal` or because the page wants it. */
  finish(refusal = null) {
    this.#drop();
    this.#listenForWakes("removeEventListener");
    this.#set("ended", refusal);
  }

  /** What came was said on a live connection. */
  welcomed({ now_ms, heartbeat_ms }) {
    this.#options.clock.sample(now_ms, this.#mark);
    this.#cancel("handshake");
    this.#heartbeat_ms = heartbeat_ms;
    this.#openedAt = this.#steady();
    this.#signIns = 0;
    if (this.#set("connected")) this.#listenForSilence();
  }

  async #open() {
    this.#drop();
    const run = this.#run;
    this.#bye = this.#openedAt = null;
    if (this.retryAtMs !== null && !this.#set("reconnecting", this.reason)) return;
    if (this.#token === null && !await this.#signIn(run)) return;
    let socket;
    try {
      socket = this.#options.transport(this.#options.url, [SUBPROTOCOL]);
    } catch (error) {
      return this.finish(new Refused({ code: "address_invalid", message: `No websocket there: ${error.message}` }));
    }
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(data, run);
    socket.onclose = ({ code }) => this.lose(code);
    this.#after("handshake", HANDSHAKE_MS, () => this.lose());
  }

  async #signIn(run) {
    try {
      const token = await this.#options.getToken({ refusal: this.reason });
      if (run !== this.#run) return false;
      this.#token = token;
      return true;
    } catch (error) {
      if (run !== this.#run) return false;
      const refusal = error instanceof Refused ? error : unreachable();
      if (refusal !== error) this.#options.failed(error);
      if (run !== this.#run) return false;
      if (refusal.isTransient && !SIGN_IN_AGAIN.has(refusal.code)) this.#comeBack(refusal);
      else this.finish(refusal);
      return false;
    }
  }

  #hear(data, run) {
    this.#heardAt = this.#steady();
    const message = JSON.parse(data);
    if (message.type === "challenge") this.#sayHello(message, run);
    else if (message.type === "bye") this.#bye = message;
    else this.#options.heard(message);
  }

  async #sayHello({ nonce, now_ms }, run) {
    const { clock, device, hello } = this.#options;
    clock.sample(now_ms);
    const proof = await device?.sign(helloText(nonce)).catch(() => null);
    if (run !== this.#run) return;
    this.#mark = clock.mark();
    this.send({ type: "hello", token: this.#token, ...(proof ? { proof } : {}), ...hello() });
  }

  /** The connection is gone. The server's own words come first; one that only vanished is always worth another try. */
  lose(code = 1006) {
    const bye = this.#bye;
    const lasted_ms = this.#openedAt === null ? 0 : this.#steady() - this.#openedAt;
    const refusal = bye ? new Refused(bye) : unreachable();
    this.#drop();
    if (SIGN_IN_AGAIN.has(bye?.code)) {
      if (++this.#signIns > MAX_SIGN_INS) return this.finish(refusal);
      this.#token = null;
      if (this.#set("reconnecting", refusal)) this.#open();
      return;
    }
    const comesBack = code >= 4000 && code < 4500;
    if (code >= 4500 && code < 5000 || bye && !refusal.isTransient && !comesBack) {
      return this.finish(bye ? refusal : new Refused({ code: `closed_${code}`, message: "The server ended this connection." }));
    }
    if (lasted_ms > STEADY_MS) this.#attempt = 0;
    this.#comeBack(refusal, bye?.retry_after_ms ?? 0);
  }

  // Full jitter: a whole audience that lost its node must not return as one.
  #comeBack(refusal, least_ms = refusal.retryAfterMs) {
    const { random, time } = this.#options;
    const spread_ms = random() * Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** Math.min(this.#attempt, 10));
    this.#attempt += 1;
    this.#notBefore = time.now() + least_ms;
    this.#retryIn(least_ms + spread_ms, refusal);
  }

  #retryIn(delay_ms, refusal) {
    this.#after("retry", delay_ms, () => this.#open());
    this.#set("reconnecting", refusal, this.#options.time.now() + delay_ms);
  }

  #listenForWakes(change) {
    for (const name of ["online", "pageshow"]) globalThis[change]?.(name, this.#wakeUp);
    globalThis.document?.[change]("visibilitychange", this.#wakeUp);
  }

  // The tab is seen again, or the network is back: no need to sit out the pause, unless the server asked for it.
  #wake() {
    if (globalThis.document?.visibilityState === "hidden") return;
    const { random, time } = this.#options;
    if (this.retryAtMs !== null) {
      this.#retryIn(Math.max(0, this.#notBefore - time.now()) + random() * WAKE_SPREAD_MS, this.reason);
    } else if (this.state === "connected" && this.#steady() - this.#heardAt > PROBE_AFTER_MS) {
      this.#probe();
    }
  }

  // A machine that slept may hold a connection that died meanwhile; any answer shows that it lives.
  #probe() {
    const heardAt = this.#heardAt;
    this.#options.probe();
    this.#after("silence", PROBE_LIMIT_MS, () => (this.#heardAt === heardAt ? this.lose() : this.#listenForSilence()));
  }

  // A tab that slept finds its timers due before its messages are read: so silence is believed at the second look only.
  #listenForSilence() {
    const silent_ms = this.#steady() - this.#heardAt;
    if (silent_ms > this.#heartbeat_ms && this.#isSuspect) return this.lose();
    this.#isSuspect = silent_ms > this.#heartbeat_ms;
    const next_ms = this.#isSuspect ? 1_000 : Math.max(250, this.#heartbeat_ms - silent_ms + 50);
    this.#after("silence", next_ms, () => this.#listenForSilence());
  }

  #drop() {
    const socket = this.#socket;
    this.#run += 1;
    this.#socket = null;
    for (const name of Object.keys(this.#timers)) this.#cancel(name);
    if (socket === null) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  // Answers whether to go on: who is told may end it.
  #set(state, reason = null, retryAtMs = null) {
    const run = this.#run;
    Object.assign(this, { state, reason, retryAtMs });
    this.#options.changed();
    return run === this.#run;
  }

  #steady() {
    return this.#options.time.steady();
  }

  #after(name, delay_ms, act) {
    this.#cancel(name);
    this.#timers[name] = this.#options.time.after(delay_ms, act);
  }

  #cancel(name) {
    this.#timers[name]?.();
  }
}

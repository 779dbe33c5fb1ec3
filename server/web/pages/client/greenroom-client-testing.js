/** For those who test a page built on the client: a server that says what the test says, and time that the test moves. */

/** `new RoomClient({ transport: server.transport, time, … })`. One connection after another; `heard` is what was said on the last. */
export class FakeTransport {
  sockets = [];

  get transport() {
    return (address, protocols) => {
      const socket = {
        address, protocols, readyState: 1, heard: [], onmessage: null, onclose: null,
        send: (text) => socket.heard.push(JSON.parse(text)),
        close: () => { socket.readyState = 3; },
      };
      this.sockets.push(socket);
      return socket;
    };
  }

  /** The connection that there is. */
  get socket() {
    return this.sockets.at(-1) ?? null;
  }

  get heard() {
    return this.socket?.heard ?? [];
  }

  /** Say a message to the tab. */
  say(message) {
    if (this.socket?.readyState === 1) this.socket.onmessage?.({ data: JSON.stringify(message) });
  }

  /** Break the connection, after a `bye` where one is given. */
  drop({ code = 1006, bye = null } = {}) {
    const { socket } = this;
    if (bye) this.say({ type: "bye", message: "", next_step: "", retry_after_ms: null, ...bye });
    socket.readyState = 3;
    socket.onclose?.({ code });
  }

  /** Challenge, and when the tab has said hello, welcome it; answers that hello. */
  async welcome(message = makeWelcome()) {
    await until(() => this.socket?.readyState === 1 && this.socket.onmessage);
    this.say({ type: "challenge", nonce: "n", now_ms: message.now_ms, protocol: "greenroom.v1" });
    const hello = await until(() => this.heard.find(({ type }) => type === "hello"));
    this.say(message);
    return hello;
  }

  /** Answer the last command of this type. */
  answer(type, result = {}, seq = null) {
    this.say({ type: "result", id: this.command(type).id, seq, result });
  }

  /** The last command of this type that was heard on this connection; undefined: none was. */
  command(type) {
    return this.heard.findLast((message) => message.type === type);
  }
}

/** Time that stands still until `advance`; a wall clock that may be `skew_ms` off. */
export class FakeTime {
  #timers = new Set();
  #steady_ms = 0;
  start_ms;

  constructor({ start_ms = 1_795_000_000_000, skew_ms = 0 } = {}) {
    this.start_ms = start_ms;
    this.skew_ms = skew_ms;
  }

  /** What a server whose clock is right would say. */
  get true_ms() {
    return this.start_ms + this.#steady_ms;
  }

  now = () => this.true_ms + this.skew_ms;
  steady = () => this.#steady_ms;
  after = (delay_ms, act) => {
    const timer = { at_ms: this.#steady_ms + delay_ms, act };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** What the next timer waits for, from now; null: none is set. */
  get next_ms() {
    const times = [...this.#timers].map(({ at_ms }) => at_ms - this.#steady_ms);
    return times.length ? Math.min(...times) : null;
  }

  /** Let time pass, with every timer that falls due in it, in order. */
  async advance(ms) {
    const end_ms = this.#steady_ms + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at_ms }) => at_ms <= end_ms).sort((a, b) => a.at_ms - b.at_ms)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#steady_ms = Math.max(this.#steady_ms, due.at_ms);
      due.act();
      await settled();
    }
    this.#steady_ms = end_ms;
  }
}

/** After everything that is under way has had its turn. */
export async function settled() {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  await new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

async function until(condition) {
  for (let turn = 0; turn < 1_000; turn += 1) {
    const value = condition();
    if (value) return value;
    await settled();
  }
  throw new Error("The tab did not say what was waited for.");
}

export const makeRoom = (fields = {}) => ({
  room_id: "r1", title: "A room", description: null, kind: "standalone", session_no: 1, cnc: true, moderators_invite: false,
  speakers_initiate: false, rename: false, phase: "open", opens: "at_start", locked: false, starts_at_ms: null, ends_at_ms: null,
  opened_at_ms: null, links_good_until_ms: 0, capacity: null, host_absence_s: 900, host_absence_ends_at_ms: null,
  ended_because: null, lobby_message: null, guest_access: true, rev: 1, ...fields,
});

export const makeParticipant = (participant_id, fields = {}) => ({
  participant_id, name: participant_id, role: "viewer", standing: null, joined_at_ms: 1, hand_raised_at_ms: null, unverified: false,
  email: null, claimed_email: null, ...fields,
});

export const makeWaiter = (participant_id, fields = {}) => ({
  participant_id, name: participant_id, role: "viewer", email: null, claimed_email: null, unverified: false, waiting_since_ms: 1,
  line_no: 1, hold: null, ...fields,
});

export const makeYou = (fields = {}) => ({
  participant_id: "p1", name: "p1", role: "viewer", standing: null, role_rev: 1, permissions: ["chat", "raise_hand"], state: "inside",
  ...fields,
});

export const makeSnapshot = (fields = {}) => ({
  seq: 10, large: false, room: makeRoom(), participants: [makeParticipant("p1")], waiters: null, device_requests: null,
  invitations: null, guest_links: null, ...fields,
});

export const makeLobby = (fields = {}) => ({
  rev: 1, state: "waiting_in_line", needs_email: false, needs_code: false,
  room: { room_id: "r1", title: "A room", description: null, phase: "open", opens: "at_start", starts_at_ms: null },
  enter_at_ms: null, position: 1, more_than: null, host_message: null, decline_message: null, can_be_admitted: true,
  can_knock: false, can_reopen: false, device_request: null, ...fields,
});

/** A welcome: inside with `snapshot`, unless there is a `lobby` or it `resumed`. */
export function makeWelcome({ snapshot = makeSnapshot(), epoch = "e1", lobby = null, resumed = false, ...fields } = {}) {
  const isWhole = !lobby && !resumed;
  return {
    type: "welcome", connection_id: "c1", you: makeYou(lobby ? { state: "waiting" } : {}),
    position: lobby ? null : { epoch, seq: snapshot.seq }, snapshot: isWhole ? snapshot : null, lobby, resumed,
    now_ms: 1_795_000_000_000, token: "t2", token_expires_at_ms: 1_795_000_900_000, heartbeat_ms: 40_000,
    limits: { max_frame_bytes: 65_536, commands_per_s: 20, commands_burst: 40, tabs_per_person: 10 },
    features: { invite_to_media: true, email: false, guest_access: true }, ...fields,
  };
}

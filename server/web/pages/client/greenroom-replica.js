/**
 * A tab's copy of the room: a snapshot, then events in order, without holes. Pure: no clock, no network, no page.
 *
 * At any `last` it equals the snapshot that the server would send at that `seq`. In a large room its participants are the
 * hosts alone; `states` holds what is told of the others. Of a long line `waiters` are the head alone.
 */

const byId = (key) => (a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0);
const byPerson = byId("participant_id");

/** Each list: the id of its rows, their order, what a row is called, and what is told when one comes, changes and goes. */
const LISTS = {
  participants: ["participant_id", byPerson, "participant", "participantJoined", "participantUpdated", "participantLeft"],
  waiters: ["participant_id", (a, b) => a.line_no - b.line_no || byPerson(a, b), "waiter", "waiterAdded", "waiterUpdated", "waiterRemoved"],
  device_requests: ["invitation_id", byId("invitation_id"), "request", "deviceRequested", "deviceRequested", "deviceRequestClosed"],
  invitations: ["invitation_id", byId("invitation_id"), "invitation", "invitationChanged", "invitationChanged", "invitationRemoved"],
  guest_links: ["guest_link_id", byId("guest_link_id"), "guestLink", "guestLinkChanged", "guestLinkChanged", "guestLinkRemoved"],
};
const NAMES = Object.keys(LISTS);
const NONE = Object.freeze([]);

export class Replica {
  #sorted = {};
  #told = [];

  /** `message`: a `welcome` with a snapshot, `entered` or `resync`; `before`: the copy that this one replaces. */
  constructor({ position, you, snapshot }, before = null) {
    this.epoch = position.epoch;
    this.last = position.seq;
    this.you = you;
    this.room = Object.freeze(snapshot.room);
    this.large = snapshot.large;
    this.states = { counts: null, hands: null, own: null, line: null, roster: null };
    this.lists = Object.fromEntries(NAMES.map((name) => [name, indexed(name, snapshot[name])]));
    // The head of a long line comes next; until then who was there stays, for nobody has gone.
    if (snapshot.waiters === null && you.permissions.includes("see_line")) {
      this.lists.waiters = before?.lists.waiters ?? null;
      this.states.line = { ...before?.states.line, seq: 0 };
    }
  }

  /** Where this tab is in the room's log, to be sent back to resume. */
  get position() {
    return { epoch: this.epoch, seq: this.last };
  }

  /** The rows of a list in their order; null where the role does not show it. The same array until the list changes. */
  rows(name) {
    const list = this.lists[name];
    if (list === null) return null;
    return this.#sorted[name] ??= Object.freeze([...list.values()].sort(LISTS[name][1]));
  }

  /** Somebody's row, as far as this tab has it. */
  participant(participantId) {
    const { own, hands, roster } = this.states;
    const elsewhere = [own?.participant, ...(hands?.participants ?? NONE), ...(roster?.participants ?? NONE)];
    return this.lists.participants.get(participantId) ?? elsewhere.find((row) => row?.participant_id === participantId) ?? null;
  }

  /** Take in a state: the latest wins. Answers what is to be told, as `apply` does. */
  keep({ type, ...state }) {
    this.#told = [];
    if ((this.states[type]?.seq ?? 0) <= state.seq) this.show(type, Object.freeze(state), "line");
    return this.#told;
  }

  /**
   * Take in one `events` message; answers what is to be told of it, pairs of an event's name and detail, in order; null when
   * something is missing before it: then nothing was taken in.
   */
  apply({ after, upto, events }) {
    if (after > this.last) return null;
    this.#told = [];
    // One entry of the log can mean several events: all of them carry its seq, so `last` moves only at the end.
    for (const event of events) if (event.seq > this.last) REDUCERS[event.type]?.(this, event);
    this.last = Math.max(this.last, upto);
    return this.#told;
  }

  /** The snapshot that this replica equals. */
  toSnapshot() {
    const lists = Object.fromEntries(NAMES.map((name) => [name, this.rows(name)]));
    return { seq: this.last, large: this.large, room: this.room, ...lists, ...(this.states.line && { waiters: null }) };
  }

  tell(name, detail) {
    this.#told.push([name, detail]);
  }

  put(name, rows, why) {
    const list = this.lists[name];
    const key = LISTS[name][0];
    for (const row of list === null ? NONE : rows) {
      this.#change(name, list.get(row[key]), row, why);
      list.set(row[key], Object.freeze(row));
    }
  }

  take(name, ids, why) {
    const list = this.lists[name];
    for (const id of ids) {
      this.#change(name, list?.get(id), undefined, why);
      list?.delete(id);
    }
  }

  /** Put a list or a state in whole; null: it is not shown any more. */
  show(name, rows, reason) {
    if (name === "line") this.show("waiters", rows?.waiters, reason);
    if (!(name in LISTS)) {
      this.states[name] = rows;
      return;
    }
    const before = this.lists[name];
    this.lists[name] = indexed(name, rows);
    delete this.#sorted[name];
    for (const pair of differences(name, before, this.lists[name], { reason, by: null })) this.#told.push(pair);
  }

  #change(name, before, after, why) {
    delete this.#sorted[name];
    if (before || after) this.#told.push(told(name, before, after, why));
  }
}

/** What is to be told when `after` takes the place of `before`; null is nothing at all. */
export function tellReplaced(before, after, reason) {
  const why = { reason, by: null };
  return NAMES.flatMap((name) => differences(name, before?.lists[name], after?.lists[name], why));
}

function indexed(name, rows) {
  return rows == null ? null : new Map(rows.map((row) => [row[LISTS[name][0]], Object.freeze(row)]));
}

function told(name, before, after, why) {
  const [, , noun, came, changed, went] = LISTS[name];
  return [!after ? went : before ? changed : came, { [noun]: after ?? before, before: before ?? null, reason: null, ...why }];
}

function differences(name, before, after, why) {
  const gone = [...before ?? NONE].filter(([id]) => !after?.has(id)).map(([, row]) => told(name, row, undefined, why));
  const here = [...after ?? NONE].filter(([id, row]) => JSON.stringify(row) !== JSON.stringify(before?.get(id)));
  return [...gone, ...here.map(([id, row]) => told(name, before?.get(id), row, why))];
}

function refresh(replica, { role, old_role, role_rev, permissions, by, reveal, forget }) {
  replica.you = { ...replica.you, role, role_rev, permissions };
  replica.tell("roleChanged", { from: old_role, to: role, by, permissions });
  for (const [name, rows] of Object.entries(reveal ?? {})) if (rows) replica.show(name, rows, "revealed");
  for (const name of forget) replica.show(name, null, "forgotten");
}

const REDUCERS = {
  "room.changed": (replica, { room, what, by }) => {
    replica.tell("roomChanged", { room, before: replica.room, what, by });
    replica.room = Object.freeze(room);
  },
  "participants.joined": (replica, { participants, admitted, by }) => replica.put("participants", participants, { admitted, by }),
  "participants.updated": (replica, { participants }) => replica.put("participants", participants, { by: null }),
  "participant.role_changed": (replica, { participant, by }) => replica.put("participants", [participant], { reason: "role", by }),
  "participants.left": (replica, { participant_ids, reason, by }) => replica.take("participants", participant_ids, { reason, by }),
  "participants.hidden": (replica, { participant_ids }) => replica.take("participants", participant_ids, { reason: "hidden", by: null }),
  "waiters.added": (replica, { waiters }) => replica.put("waiters", waiters, { by: null }),
  "waiters.removed": (replica, { participant_ids, reason, by }) => replica.take("waiters", participant_ids, { reason, by }),
  "device.requested": (replica, { request }) => replica.put("device_requests", [request], { by: null }),
  "device.request_closed": (replica, { invitation_id }) => replica.take("device_requests", [invitation_id], { by: null }),
  "invitation.changed": (replica, { invitation, what, by }) => replica.put("invitations", [invitation], { reason: what, by }),
  "invitations.presence": (replica, { rows }) => {
    const known = replica.lists.invitations;
    if (known) replica.put("invitations", rows.map((row) => ({ ...known.get(row.invitation_id), ...row })), { reason: "presence", by: null });
  },
  "guest_link.changed": (replica, { guest_link, what, by }) => replica.put("guest_links", [guest_link], { reason: what, by }),
  "guest_link.removed": (replica, { guest_link_id, by }) => replica.take("guest_links", [guest_link_id], { by }),
  refresh,
};

/**
 * A tab's copy of the room: a snapshot, then events in order, without holes. Pure: no clock, no network, no page.
 *
 * At any `last` it equals the snapshot that the server would send at that `seq`.
 */

const KEYS = {
  participants: "participant_id",
  waiters: "participant_id",
  device_requests: "invitation_id",
  invitations: "invitation_id",
};
const LISTS = Object.keys(KEYS);

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const ORDER = {
  participants: (a, b) => compare(a.participant_id, b.participant_id),
  waiters: (a, b) => a.line_no - b.line_no || compare(a.participant_id, b.participant_id),
  device_requests: (a, b) => compare(a.invitation_id, b.invitation_id),
  invitations: (a, b) => compare(a.invitation_id, b.invitation_id),
};

export class Replica {
  /** @param {{position: {epoch: string, seq: number}, you: object, snapshot: object}} message welcome, entered, resync */
  constructor({ position, you, snapshot }) {
    this.epoch = position.epoch;
    this.last = position.seq;
    this.you = you;
    this.room = snapshot.room;
    this.lists = Object.fromEntries(LISTS.map((name) => [name, indexed(name, snapshot[name])]));
  }

  /** Where this tab is in the room's log, to be sent back to resume. */
  get position() {
    return { epoch: this.epoch, seq: this.last };
  }

  /** The rows of a list in their order; null where the role does not show it. */
  rows(name) {
    const list = this.lists[name];
    return list === null ? null : [...list.values()].sort(ORDER[name]);
  }

  participant(participantId) {
    return this.lists.participants.get(participantId) ?? null;
  }

  may(permission) {
    return this.you.permissions.includes(permission);
  }

  /**
   * Take in one `events` message.
   * @returns {object[] | null} the events applied, in order; null when something is missing: the frame was dropped
   */
  apply(frame) {
    if (frame.after > this.last) return null;
    // One entry of the log can mean several events: all of them carry its seq, so `last` moves only at the end.
    const fresh = frame.events.filter((event) => event.seq > this.last);
    for (const event of fresh) REDUCERS[event.type]?.(this, event);
    this.last = Math.max(this.last, frame.upto);
    return fresh;
  }

  /** The snapshot that this replica equals. */
  toSnapshot() {
    return { seq: this.last, room: this.room, ...Object.fromEntries(LISTS.map((name) => [name, this.rows(name)])) };
  }

  put(name, rows) {
    const list = this.lists[name];
    if (list === null) return;
    for (const row of rows) list.set(row[KEYS[name]], row);
  }

  take(name, ids) {
    for (const id of ids) this.lists[name]?.delete(id);
  }
}

function indexed(name, rows) {
  if (rows === null || rows === undefined) return null;
  return new Map(rows.map((row) => [row[KEYS[name]], row]));
}

function refresh(replica, event) {
  const { role, role_rev, permissions } = event;
  replica.you = { ...replica.you, role, role_rev, permissions };
  for (const [name, rows] of Object.entries(event.reveal ?? {})) {
    if (name in KEYS) replica.lists[name] = indexed(name, rows);
  }
  for (const name of event.forget) {
    if (name in KEYS) replica.lists[name] = null;
  }
}

const REDUCERS = {
  "room.changed": (replica, event) => { replica.room = event.room; },
  "participants.joined": (replica, event) => replica.put("participants", event.participants),
  "participants.updated": (replica, event) => replica.put("participants", event.participants),
  "participant.role_changed": (replica, event) => replica.put("participants", [event.participant]),
  "participants.left": (replica, event) => replica.take("participants", event.participant_ids),
  "waiters.added": (replica, event) => replica.put("waiters", event.waiters),
  "waiters.removed": (replica, event) => replica.take("waiters", event.participant_ids),
  "device.requested": (replica, event) => replica.put("device_requests", [event.request]),
  "device.request_closed": (replica, event) => replica.take("device_requests", [event.invitation_id]),
  "invitation.changed": (replica, event) => replica.put("invitations", [event.invitation]),
  refresh,
};

/** Commands that wait for their answer: each has an id, a time limit, and is answered once. */

import { Refused } from "./greenroom-refusal.js";

export class PendingCommands {
  #waiting = new Map();

  /** A new command: its message, to be sent, and the promise of its answer. */
  add(type, fields, { id = newId(), limitMs, time }) {
    this.#take(id)?.reject(unconfirmed(id));
    const waiting = { message: { ...fields, type, id }, isSent: false };
    waiting.answer = new Promise((resolve, reject) => Object.assign(waiting, { resolve, reject }));
    waiting.cancel = time.after(limitMs, () => this.refuse(id, waiting.isSent ? unconfirmed(id) : notSent(id)));
    this.#waiting.set(id, waiting);
    return waiting;
  }

  answer(id, result) {
    this.#take(id)?.resolve(result);
  }

  refuse(id, error) {
    this.#take(id)?.reject(error);
  }

  refuseAll(error) {
    for (const id of [...this.#waiting.keys()]) this.refuse(id, error);
  }

  /** What is still unanswered, oldest first. */
  get all() {
    return [...this.#waiting.values()];
  }

  #take(id) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.cancel();
    return waiting;
  }
}

// Unique among the person's commands, whichever tab they come from.
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const unconfirmed = (requestId) => new Refused({
  code: "unconfirmed",
  message: "No answer came in time; it may have been done all the same.",
  next_step: "Look at the list, then try again if it was not.",
  requestId,
});

const notSent = (requestId) => new Refused({
  code: "not_sent",
  message: "There was no connection, so nothing was asked.",
  next_step: "Try again once the connection is back.",
  retry_after_ms: 1_000,
  requestId,
});

/** Commands that wait for their answer: each has an id, a time limit, and is answered once. */

import { RefusedError } from "./refusal.js";

export class PendingCommands {
  #waiting = new Map();

  /** A new command: its message, to be sent, and the promise of its answer. */
  add(type, fields, limit_ms) {
    const message = { type, id: newId(), ...fields };
    const answer = new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.refuse(message.id, unconfirmed()), limit_ms);
      this.#waiting.set(message.id, { message, resolve, reject, timer });
    });
    return { message, answer };
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

  /** The messages that are still unanswered, oldest first. */
  messages() {
    return [...this.#waiting.values()].map(({ message }) => message);
  }

  #take(id) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }
}

// Unique among the person's commands, whichever tab they come from.
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unconfirmed() {
  return new RefusedError({
    code: "unconfirmed",
    message: "No answer came in time; it may have been done all the same.",
    next_step: "Look at the list, then try again if it was not.",
  });
}

/** A "no" with its stable code: the same on HTTP, on the websocket and on the page. */

export class Refused extends Error {
  /** `retryAfterMs`: trying again can help after that; null: it cannot. `requestId`: of the command, to ask again under. */
  constructor({ code, message, next_step = "", retry_after_ms = null, status = null, requestId = null }) {
    super(message);
    this.name = "Refused";
    this.code = code;
    this.nextStep = next_step;
    this.retryAfterMs = retry_after_ms;
    this.status = status; // of HTTP, where it came that way
    this.requestId = requestId;
  }

  /** Whether trying again by itself can help. */
  get isTransient() {
    return this.retryAfterMs !== null;
  }
}

export function unreachable() {
  return new Refused({
    code: "unreachable",
    message: "The server cannot be reached.",
    next_step: "Check your connection; this page tries again by itself.",
    retry_after_ms: 1_000,
  });
}

/** A "no" with its stable code: the same on HTTP, on the websocket and on the page. */

export class RefusedError extends Error {
  /** @param {{code: string, message: string, next_step?: string, retry_after_ms?: number | null, status?: number | null}} refusal */
  constructor({ code, message, next_step = "", retry_after_ms = null, status = null }) {
    super(message);
    this.name = "RefusedError";
    this.code = code;
    this.nextStep = next_step;
    this.retryAfterMs = retry_after_ms;
    this.status = status; // of HTTP, where it came that way
  }

  /** Whether trying again by itself can help. */
  get isTransient() {
    return this.retryAfterMs !== null;
  }
}

export function unreachable() {
  return new RefusedError({
    code: "unreachable",
    message: "The server cannot be reached.",
    next_step: "Check your connection; this page tries again by itself.",
    retry_after_ms: 1_000,
  });
}

/** What was caught, as a refusal: a mistake of ours becomes `page_error`, and is logged whole. */
export function asRefusal(error) {
  if (error instanceof RefusedError) return error;
  console.error(error);
  return new RefusedError({
    code: "page_error",
    message: "Something went wrong on this page.",
    next_step: "Load it again.",
  });
}

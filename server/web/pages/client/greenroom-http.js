/** HTTP calls of pages and links: with a JSON body, answered by JSON or by a problem. */

import { Refused, unreachable } from "./greenroom-refusal.js";

const TIME_LIMIT_MS = 15_000;

/** POST `body` and answer the parsed JSON. Throws Refused: the server said no, or could not be reached (`unreachable`). */
export function post(url, body, options = {}) {
  return request("POST", url, { body, ...options });
}

/** Call `url` and answer the parsed JSON, null where there is none. Throws Refused as `post` does. */
export async function request(method, url, { body = undefined, bearer = null, headers = {} } = {}) {
  let response;
  try {
    response = await fetch(url, {
      method,
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
  } catch {
    throw unreachable();
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && (answer !== null || response.status === 204)) return answer;
  throw refusalOf(response.status, answer);
}

function refusalOf(status, problem) {
  if (typeof problem?.code === "string") {
    return new Refused({ ...problem, message: problem.detail || problem.title || "This cannot be done.", status });
  }
  return new Refused({
    code: `http_${status}`,
    message: status === 404 ? "There is nothing at this address." : "The server gave no answer that can be read.",
    next_step: status >= 500 ? "This page tries again by itself." : "",
    retry_after_ms: status >= 500 ? 2_000 : null,
    status,
  });
}

/**
 * Call until it is answered; while it cannot be, `onWait` hears why. Only what may be tried again is.
 * @template Answer
 * @param {() => Promise<Answer>} call
 * @param {{onWait?: (refusal: Refused) => void, isLast?: (refusal: Refused) => boolean, random?: () => number}} options
 */
export async function persist(call, { onWait = () => {}, isLast = () => false, random = Math.random } = {}) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Refused) || !error.isTransient || isLast(error)) throw error;
      onWait(error);
      const spread_ms = random() * Math.min(15_000, 500 * 2 ** Math.min(attempt, 10));
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs + spread_ms));
    }
  }
}

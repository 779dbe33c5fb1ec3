/** A link as this device holds it, an invitation's or a guest link: look at it, claim it, ask to use it here. The secret goes
 * into bodies only. */

import { ServerClock } from "./greenroom-clock.js";
import { claimText } from "./greenroom-device.js";
import { persist, post } from "./greenroom-http.js";

const NONCE_GOOD_MS = 540_000;
const GUEST_PREFIX = "g."; // a link for anybody, with no address to prove

/** The parts of `<site>/join/<room_id>#<secret>`; null where it is no such link. */
export function readLink(href) {
  try {
    const { origin, pathname, hash } = new URL(href, globalThis.location?.href);
    const [, place, roomId] = pathname.split("/");
    if (place !== "join" || !roomId || hash.length < 2) return null;
    return { url: origin, roomId: decodeURIComponent(roomId), secret: decodeURIComponent(hash.slice(1)) };
  } catch {
    return null; // an address that was mangled on its way
  }
}

export class InvitationLink {
  seen = null;
  #path;
  #secret;
  #device;
  #clock;
  #seenAt = 0;

  constructor({ roomId, secret, device = null, url = globalThis.location?.origin, clock = new ServerClock() }) {
    this.isGuest = secret.startsWith(GUEST_PREFIX);
    this.#path = new URL(`/v1/rooms/${encodeURIComponent(roomId)}/${this.isGuest ? "guest" : "link"}`, url).href;
    this.#secret = this.isGuest ? secret.slice(GUEST_PREFIX.length) : secret;
    this.#device = device;
    this.#clock = clock;
  }

  /** What the link is good for now. Uses nothing up; tries until it is answered, telling `onWait` why it is not. */
  async look({ onWait = undefined } = {}) {
    const body = { secret: this.#secret, ...(this.#device && { device_key: this.#device.jwk }) };
    let mark;
    const ask = () => {
      mark = this.#clock.mark();
      return post(`${this.#path}/look`, body);
    };
    this.seen = await persist(ask, { onWait, isLast: ({ code }) => code === "too_many_attempts" });
    if (this.seen.state === "known_here") this.seen.state = "claimed_here";
    this.#seenAt = performance.now();
    this.#clock.sample(this.seen.now_ms, mark);
    return this.seen;
  }

  /** Claim it: with `email` (as a guest with `name` too), with the site's sign-in, or with neither where this device has it. */
  async claim(fields = {}) {
    const { session_token, expires_at_ms, participant_id } = await this.#signedPost(this.isGuest ? "enter" : "claim", fields);
    return { token: session_token, expiresAtMs: expires_at_ms, participantId: participant_id, isBound: this.#device !== null };
  }

  /** Have a code mailed to the invited address, if `email` is it; the answer is the same if it is not. */
  askForCode(email) {
    return this.#signedPost("code", { email });
  }

  /** Ask whoever may decide to use it on this device. */
  ask(fields) {
    return this.#signedPost("ask", { label: deviceLabel(), ...fields });
  }

  // A nonce is good for ten minutes; somebody who takes longer to type is not to be told so.
  async #signedPost(what, fields) {
    if (!this.seen || performance.now() - this.#seenAt > NONCE_GOOD_MS) await this.look();
    try {
      return await post(`${this.#path}/${what}`, { ...await this.#signed(), ...fields });
    } catch (error) {
      if (error.code !== "nonce_invalid") throw error;
      await this.look();
      return post(`${this.#path}/${what}`, { ...await this.#signed(), ...fields });
    }
  }

  async #signed() {
    const body = { secret: this.#secret, nonce: this.seen.nonce };
    if (!this.#device) return body;
    return { ...body, device_key: this.#device.jwk, proof: await this.#device.sign(claimText(body.nonce)) };
  }
}

/** What this device says of itself to the host who decides: words only. */
export function deviceLabel() {
  const { userAgentData = null } = /** @type {any} */ (navigator);
  const brands = userAgentData?.brands?.map(({ brand }) => brand).filter((brand) => !/not.?a.?brand/i.test(brand));
  const browser = brands?.at(-1) ?? navigator.userAgent.match(/Firefox|Edg|Chrome|Safari/)?.[0] ?? "Browser";
  const system = userAgentData?.platform ?? navigator.userAgent.match(/\(([^;)]+)/)?.[1] ?? "";
  return [browser, system].filter(Boolean).join(" on ").slice(0, 100);
}

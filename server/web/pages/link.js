/** An invitation link as this device holds it: look at it, claim it, ask to use it here. The secret goes into bodies only. */

import { claimText } from "./device.js";
import { persist, post } from "./http.js";

const NONCE_GOOD_MS = 540_000;

export class Link {
  /** The last answer to `look`; null before. */
  seen = null;
  #path;
  #secret;
  #device;
  #clock;
  #seenAt = 0;

  constructor({ roomId, secret, device, clock }) {
    this.#path = `/v1/rooms/${encodeURIComponent(roomId)}/link`;
    this.#secret = secret;
    this.#device = device;
    this.#clock = clock;
  }

  /** What the link is good for now. Uses nothing up; tries until it is answered, telling `onWait` why it is not. */
  async look({ onWait } = {}) {
    const body = { secret: this.#secret };
    if (this.#device) body.device_key = this.#device.jwk;
    this.seen = await persist(() => post(`${this.#path}/look`, body), { onWait, isLast: isTooMany });
    this.#seenAt = performance.now();
    this.#clock.sample(this.seen.now_ms);
    return this.seen;
  }

  /**
   * Claim it with `email`, with the site's sign-in, or with neither where this device has it already.
   * @returns {Promise<{token: string, expires_at_ms: number, bound: boolean}>} `bound`: hello needs the device's signature
   */
  async claim(fields) {
    const { session_token, expires_at_ms } = await this.#signedPost("claim", fields);
    return { token: session_token, expires_at_ms, bound: this.#device !== null };
  }

  /** Ask whoever may decide to use it on this device. */
  ask(email) {
    return this.#signedPost("ask", { email, label: deviceLabel() });
  }

  // A nonce is good for ten minutes; somebody who takes longer to type is not to be told so.
  async #signedPost(what, fields) {
    if (performance.now() - this.#seenAt > NONCE_GOOD_MS) await this.look();
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

const isTooMany = ({ code }) => code === "too_many_attempts";

/** What this device says of itself to the host who decides: words only. */
function deviceLabel() {
  const brands = navigator.userAgentData?.brands?.map(({ brand }) => brand).filter((brand) => !/not.?a.?brand/i.test(brand));
  const browser = brands?.at(-1) ?? navigator.userAgent.match(/Firefox|Edg|Chrome|Safari/)?.[0] ?? "Browser";
  const system = navigator.userAgentData?.platform ?? navigator.userAgent.match(/\(([^;)]+)/)?.[1] ?? "";
  return [browser, system].filter(Boolean).join(" on ").slice(0, 100);
}

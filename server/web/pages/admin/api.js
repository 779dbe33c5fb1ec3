/** Calls with the operator's API key. It stays in this tab, and goes into a header only. */

import { request } from "../client/greenroom-http.js";
import { loadText, saveText } from "../common/saved.js";

const KEY = "greenroom.admin_key";
const PAGE_LIMIT = 200;

export function savedKey() {
  return loadText(KEY);
}

export function forgetKey() {
  saveText(KEY, null);
}

export class AdminApi {
  #key;
  /** Hears that the key opens nothing any more. */
  onOver = () => {};

  constructor(key) {
    this.#key = key;
  }

  /** From now on a reload of this tab has the key too. */
  keep() {
    saveText(KEY, this.#key);
  }

  get(path) {
    return this.#call("GET", path);
  }

  post(path, body = {}) {
    return this.#call("POST", path, body);
  }

  patch(path, body) {
    return this.#call("PATCH", path, body);
  }

  delete(path) {
    return this.#call("DELETE", path);
  }

  /** Up to `most` of a list that comes in pages, and whether there are more. */
  async list(path, name, most) {
    const found = [];
    let cursor = null;
    do {
      const answer = await this.get(`${path}?limit=${PAGE_LIMIT}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
      found.push(...answer[name]);
      cursor = answer.next_cursor;
    } while (cursor !== null && found.length < most);
    return { found, hasMore: cursor !== null };
  }

  async #call(method, path, body = undefined) {
    try {
      return await request(method, path, { body, bearer: this.#key });
    } catch (error) {
      if (error.code === "api_key_invalid") this.onOver();
      throw error;
    }
  }
}

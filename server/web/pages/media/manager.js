/** A manager who is not in the room: the commands that need nobody inside, over HTTP, with a session token that no tab holds. */

import { Refused } from "../client/greenroom-client.js";
import { post, request } from "../client/greenroom-http.js";
import { isOver, withSiteToken } from "../common/site-sign-in.js";

/** Command → method, and the path below the room's; what a GET is asked with goes into the address. */
const OPERATIONS = {
  "invitation.create": ["POST", "/invitations"],
  "invitation.bulk": ["POST", "/invitations/bulk"],
  "people.suggest": ["GET", "/suggestions"],
  "domain.check": ["POST", "/would-get-in"],
  "room.edit": ["PATCH", ""],
  "room.delete": ["DELETE", ""],
};

const isUnanswered = ({ code, status }) => code === "unreachable" || status >= 500;

/** Takes commands as a RoomClient does, and knows what the dialogs ask one for. */
export class Manager {
  #path;
  #media;
  #token = null;
  #keys = new Map(); // of what may have been done without an answer that came: its content, and the key that it was asked under
  /** What only somebody inside is told. */
  invitations = null;

  /** @param {() => object} media the newest answer about the room */
  constructor(roomId, media) {
    this.#path = `/v1/rooms/${encodeURIComponent(roomId)}`;
    this.#media = media;
  }

  get room() {
    return this.#media().room;
  }

  get features() {
    return this.#media().features;
  }

  may(permission) {
    return this.#media().permissions.includes(permission);
  }

  /** Whether a command can be given from outside. */
  knows(command) {
    return command in OPERATIONS;
  }

  async command(type, fields = {}) {
    const [method, path] = OPERATIONS[type] ?? [];
    if (!method) throw new Refused({ code: "not_inside", message: "You are not in the room.", next_step: "Join it first." });
    if (type !== "invitation.create") return this.#askSignedIn(method, path, fields);
    return this.#askOnce(JSON.stringify(fields), (key) => this.#askSignedIn(method, path, fields, { "Idempotency-Key": key }));
  }

  // What was done unheard is answered when it is asked again, and done once. Rows of a file need no key: the server knows them again.
  async #askOnce(content, askUnder) {
    if (!this.#keys.has(content)) this.#keys.set(content, crypto.getRandomValues(new Uint32Array(4)).join("-"));
    try {
      const answer = await askUnder(this.#keys.get(content));
      this.#keys.delete(content);
      return answer;
    } catch (error) {
      if (!isUnanswered(error)) this.#keys.delete(content);
      throw error;
    }
  }

  async #askSignedIn(...asked) {
    try {
      return await this.#ask(...asked);
    } catch (error) {
      if (!isOver(error)) throw error;
      this.#token = null;
      return this.#ask(...asked);
    }
  }

  async #ask(method, path, fields, headers = {}) {
    this.#token ??= await this.#signIn();
    const query = method === "GET" ? `?${new URLSearchParams(fields)}` : "";
    const body = method === "GET" || method === "DELETE" ? undefined : fields;
    return request(method, this.#path + path + query, { body, bearer: this.#token, headers });
  }

  async #signIn() {
    const answer = await withSiteToken((siteToken) => post(`${this.#path}/sign-in`, {}, { bearer: siteToken }));
    return answer.session_token;
  }
}

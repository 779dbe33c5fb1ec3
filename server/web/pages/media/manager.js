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

/** Takes commands as a RoomClient does, and knows what the dialogs ask one for. */
export class Manager {
  #path;
  #media;
  #token = null;
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
    try {
      return await this.#ask(method, path, fields);
    } catch (error) {
      if (!isOver(error)) throw error;
      this.#token = null;
      return this.#ask(method, path, fields);
    }
  }

  async #ask(method, path, fields) {
    this.#token ??= await this.#signIn();
    const query = method === "GET" ? `?${new URLSearchParams(fields)}` : "";
    const body = method === "GET" || method === "DELETE" ? undefined : fields;
    return request(method, this.#path + path + query, { body, bearer: this.#token });
  }

  async #signIn() {
    const answer = await withSiteToken((siteToken) => post(`${this.#path}/sign-in`, {}, { bearer: siteToken }));
    return answer.session_token;
  }
}

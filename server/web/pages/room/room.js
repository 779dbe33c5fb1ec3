/** The page of people whom the site has signed in: sign in to the room, wait where they must, walk in. */

import { RoomClient, ServerClock } from "../client/greenroom-client.js";
import { persist, post } from "../client/greenroom-http.js";
import { mayGoOnAfterEnd } from "../lobby/states.js";
import { asRefusal } from "../common/refusal.js";
import { load, roomIdInAddress, save } from "../common/saved.js";
import { isOver, takeDemoPerson, withSiteToken } from "../common/site-sign-in.js";
import "./room-page.js";
import { Stage } from "./stage.js";

class Room {
  #roomId = roomIdInAddress();
  #name = `greenroom.room.${this.#roomId}`;
  #clock = new ServerClock();
  #client = null;
  #title = null;
  #run = 0;

  constructor(root) {
    this.stage = new Stage(root, {
      clock: this.#clock,
      actions: {
        withdraw: () => this.#goOnPurpose("lobby.withdraw", "line"),
        leave: () => this.#goOnPurpose("leave", "room"),
        restart: () => this.start(),
      },
    });
    addEventListener("hashchange", () => this.start());
  }

  /** Where somebody who left on purpose finds themselves after a reload: still out. */
  resume() {
    const { hasLeft } = load(this.#name);
    if (hasLeft) this.stage.show({ hasLeft });
    else this.start();
  }

  async start() {
    const run = ++this.#run;
    this.#client?.disconnect();
    this.#client = null;
    save(this.#name, {});
    this.stage.show({ isOpening: true });
    try {
      takeDemoPerson();
      const token = await this.#signIn();
      if (run === this.#run) this.#connect(token);
    } catch (error) {
      if (run === this.#run) this.#end(asRefusal(error));
    }
  }

  async #signIn() {
    const run = this.#run;
    const onWait = (refusal) => { if (run === this.#run && !this.#client) this.stage.show({ isOpening: true, delay: refusal }); };
    const answer = await persist(() => withSiteToken((siteToken) => this.#signInWith(siteToken)), { onWait, isLast: isOver });
    this.#title = answer.room.title;
    return answer.session_token;
  }

  #signInWith(siteToken) {
    return post(`/v1/rooms/${encodeURIComponent(this.#roomId)}/sign-in`, {}, { bearer: siteToken });
  }

  #connect(token) {
    const getToken = ({ refusal }) => (refusal === null ? token : this.#signIn());
    const client = new RoomClient({ getToken, clock: this.#clock });
    this.#client = client;
    this.stage.follow(client);
    this.stage.know({ lobby: null, title: this.#title });
    this.stage.show({});
    client.on("stateChanged", ({ state, reason }) => { if (reason && state === "ended" && client === this.#client) this.#end(reason); });
    client.connect();
  }

  #end(refusal) {
    if (mayGoOnAfterEnd(refusal, this.#client)) this.start();
    else this.stage.show({ ended: refusal });
  }

  async #goOnPurpose(command, where) {
    const client = this.#client;
    try {
      await client.command(command);
    } catch (error) {
      if (client.state !== "ended") throw error;
    }
    client.disconnect();
    save(this.#name, { hasLeft: where });
    this.stage.show({ hasLeft: where });
  }
}

new Room(document.getElementById("app")).resume();

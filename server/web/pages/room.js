/** The page of people whom the site has signed in: sign in to the room, wait where they must, walk in. */

import { demoSignIn } from "./demo.js";
import { Refused, RoomClient, ServerClock } from "./greenroom-client.js";
import { persist, post } from "./greenroom-http.js";
import { LEFT_PAGE, OPENING_PAGE, WITHDRAWN_BY_SELF_PAGE, endPage, mayGoOnAfterEnd, reconnectingPage } from "./lobby-pages.js";
import { asRefusal } from "./refusal.js";
import { DEMO_PERSON, SITE_TOKEN, load, loadText, roomIdInAddress, save, saveText } from "./saved.js";
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
    if (hasLeft) this.stage.show(hasLeft === "line" ? WITHDRAWN_BY_SELF_PAGE : LEFT_PAGE);
    else this.start();
  }

  async start() {
    const run = ++this.#run;
    this.#client?.disconnect();
    this.#client = null;
    save(this.#name, {});
    this.stage.show(OPENING_PAGE);
    try {
      takeDemoPerson();
      const token = await this.#signIn();
      if (run === this.#run) this.#connect(token);
    } catch (error) {
      if (run === this.#run) this.#end(asRefusal(error));
    }
  }

  async #signIn() {
    const onWait = (refusal) => this.#client || this.stage.show(reconnectingPage(refusal));
    const answer = await persist(() => this.#signInOnce(), { onWait, isLast: isOver });
    this.#title = answer.room.title;
    return answer.session_token;
  }

  async #signInOnce() {
    const siteToken = loadText(SITE_TOKEN) ?? await newSiteToken();
    try {
      return await this.#signInWith(siteToken);
    } catch (error) {
      if (!isOver(error) || !loadText(DEMO_PERSON)) throw error;
      return this.#signInWith(await newSiteToken());
    }
  }

  #signInWith(siteToken) {
    return post(`/v1/rooms/${encodeURIComponent(this.#roomId)}/sign-in`, {}, { bearer: siteToken });
  }

  #connect(token) {
    this.stage.know({ lobby: null, title: this.#title });
    this.stage.show(null);
    const getToken = ({ refusal }) => (refusal === null ? token : this.#signIn());
    const client = new RoomClient({ getToken, clock: this.#clock });
    this.#client = client;
    this.stage.follow(client);
    client.on("stateChanged", ({ state, reason }) => { if (reason && state === "ended" && client === this.#client) this.#end(reason); });
    client.connect();
  }

  #end(refusal) {
    if (mayGoOnAfterEnd(refusal, this.#client)) this.start();
    else this.stage.show(endPage(refusal, { title: this.#title }));
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
    this.stage.show({ ...(where === "line" ? WITHDRAWN_BY_SELF_PAGE : LEFT_PAGE), title: this.#title });
  }
}

const isOver = ({ code }) => code === "token_expired" || code === "token_invalid";

// `#as=maya` names a person of the demo; another one than before needs another sign-in.
function takeDemoPerson() {
  const person = new URLSearchParams(location.hash.slice(1)).get("as");
  if (!person || person === loadText(DEMO_PERSON)) return;
  saveText(DEMO_PERSON, person);
  saveText(SITE_TOKEN, null);
}

async function newSiteToken() {
  const person = loadText(DEMO_PERSON);
  if (!person) throw notSignedIn();
  try {
    const siteToken = await demoSignIn(person);
    saveText(SITE_TOKEN, siteToken);
    return siteToken;
  } catch (error) {
    throw error.status === 404 ? notSignedIn() : error;
  }
}

function notSignedIn() {
  return new Refused({
    code: "not_signed_in",
    message: "You are not signed in",
    next_step: "This site signs people in itself: open the room from there.",
  });
}

new Room(document.getElementById("stage")).resume();

/**
 * The invitee's page, from the link to the room, on one page: look at the link, prove the address, wait, walk in. Which state
 * that is says `states.js`; what is here is how one leads to the next.
 */

import { Refused, RoomClient, ServerClock, openDevice } from "../client/greenroom-client.js";
import { InvitationLink } from "../client/greenroom-link.js";
import { asRefusal } from "../common/refusal.js";
import { SITE_TOKEN, keepsCookies, load, loadText, roomIdInAddress, save, takeFragment } from "../common/saved.js";
import { Stage } from "../room/stage.js";
import { mayGoOnAfterEnd } from "./states.js";

const AT_THE_FIELD = new Set(["email_mismatch", "code_mismatch", "code_required", "bad_message", "nonce_invalid"]);
const SITE_SIGN_IN_OVER = new Set(["token_invalid", "token_expired"]);
const HAS_MOVED = { invite_used: false, invite_moved: true, claim_lost: false };

class Join {
  #roomId = roomIdInAddress();
  #name = `greenroom.join.${this.#roomId}`;
  #saved = load(this.#name);
  #clock = new ServerClock();
  #device = undefined;
  #link = null;
  #client = null;
  #run = 0; // rises with every fresh start, so that what an earlier one still waits for changes nothing
  #retryTimer = null;

  constructor(root) {
    this.stage = new Stage(root, {
      clock: this.#clock,
      actions: {
        submit: (email, name, code) => this.#submit(email, name, code),
        ask_for_code: (email) => this.#askForCode(email),
        withdraw: () => this.#goOnPurpose("lobby.withdraw", "line"),
        leave: () => this.#goOnPurpose("leave", "room"),
        restart: () => this.start(),
        enter_address: () => this.#waitUnproven(this.#link.seen),
        zero: (state) => { if (state === "try_later") this.start(); },
      },
    });
    addEventListener("hashchange", () => this.#takeSecret() && this.start());
    this.isOpenedAnew = this.#takeSecret();
  }

  // Another link in the same tab is another story: nothing of the one before may answer for it.
  #takeSecret() {
    const secret = takeFragment();
    if (secret === null) return false;
    if (secret !== this.#saved.secret) {
      this.#saved = { secret };
      this.stage.card.form.clear();
    }
    this.#remember({});
    return true;
  }

  #remember(fields) {
    this.#saved = { ...this.#saved, ...fields };
    save(this.#name, this.#saved);
  }

  /** A reload returns to where somebody was, also to having left on purpose; opening the link again means to come back. */
  resume() {
    const { hasLeft } = this.#saved;
    if (hasLeft && !this.isOpenedAnew) this.stage.show({ hasLeft });
    else this.start();
  }

  start() {
    return this.#attempt(async (isCurrent) => {
      this.#remember({ hasLeft: null });
      if (!this.#saved.secret) return this.stage.show({ hasLink: false });
      this.#device ??= await openDevice();
      this.#link = new InvitationLink({ roomId: this.#roomId, secret: this.#saved.secret, device: this.#device, clock: this.#clock });
      this.stage.know({ isGuest: this.#link.isGuest, keepsNothing: this.#device === null && !keepsCookies() });
      const { session } = this.#saved;
      if (session && (!session.isBound || this.#device)) return this.#enter(session);
      const look = await this.#look();
      if (isCurrent()) await this.#goOn(look, isCurrent);
    });
  }

  // One way in at a time: what comes too late, after another start, is dropped.
  async #attempt(act) {
    const run = ++this.#run;
    const isCurrent = () => run === this.#run;
    this.#client?.disconnect();
    this.#client = null;
    clearTimeout(this.#retryTimer);
    this.stage.know({ hasMoved: false, lobby: null, look: null, retry_at_ms: null });
    this.stage.show({ isOpening: true });
    try {
      await act(isCurrent);
    } catch (error) {
      if (isCurrent()) this.#end(asRefusal(error));
    }
  }

  // ── The link ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #look(link = this.#link) {
    const run = this.#run;
    return link.look({ onWait: (delay) => { if (run === this.#run && !this.#client) this.stage.show({ isOpening: true, delay }); } });
  }

  async #goOn(look, isCurrent) {
    const siteToken = loadText(SITE_TOKEN);
    if (look.state === "claimed_here") return this.#claimAndEnter({}, isCurrent);
    if (this.#link.isGuest) return this.stage.show({ look });
    if (this.#saved.wrongAccount) return this.stage.show({ look, isWrongAccount: true });
    if (look.state !== "email_entry" || !siteToken) return this.#waitUnproven(look);
    try {
      await this.#claimAndEnter({ site_token: siteToken }, isCurrent);
    } catch (error) {
      if (SITE_SIGN_IN_OVER.has(error.code)) return this.#waitUnproven(look);
      if (error.code !== "email_mismatch") throw error;
      this.#remember({ wrongAccount: true });
      this.stage.show({ look, isWrongAccount: true });
    }
  }

  async #claimAndEnter(fields, isCurrent) {
    const session = await this.#link.claim(fields);
    if (!isCurrent()) return;
    this.#remember({ session, wrongAccount: false });
    this.#enter(session);
  }

  /** A page whose address is not proven: it hears the countdown, changes, and a host's answer about this device. */
  #waitUnproven(look) {
    const client = new RoomClient({
      getToken: async ({ refusal }) => (refusal === null ? look : await this.#look()).lobby_token,
      clock: this.#clock,
    });
    client.on("lobbyChanged", () => { if (client.lobby.state === "device_allowed") this.start(); });
    this.#connect(client, { look, hasMoved: look.state === "moved" });
    this.stage.show({});
  }

  async #askForCode(email) {
    const run = this.#run;
    try {
      await this.#link.askForCode(email);
      return run === this.#run;
    } catch (error) {
      if (run === this.#run) this.#atTheField(asRefusal(error));
      return false;
    }
  }

  async #submit(email, name, code) {
    const run = this.#run;
    const isCurrent = () => run === this.#run;
    try {
      if (this.#link.isGuest) await this.#claimAndEnter({ email, name }, isCurrent);
      else if (this.#isHeldElsewhere()) await this.#link.ask({ email, code });
      else await this.#claimAndEnter({ email, code }, isCurrent);
    } catch (error) {
      if (isCurrent()) this.#atTheField(asRefusal(error));
    }
  }

  #isHeldElsewhere() {
    const lobby = this.#client?.lobby;
    return lobby ? lobby.state === "used_on_another_device" : this.#link.seen.state !== "email_entry";
  }

  // What typing again can mend is said at the field; everything else is a page of its own.
  #atTheField(refusal) {
    const isOfTheAddress = AT_THE_FIELD.has(refusal.code) || (this.#link.isGuest && refusal.code === "domain_blocked");
    const isMendable = isOfTheAddress || (refusal.isTransient && refusal.code !== "too_many_attempts");
    if (isMendable) throw refusal;
    this.#end(refusal);
  }

  /** The claim is elsewhere: offer to ask for it, and claim nothing unasked on the way there. */
  #offerToAsk(hasMoved) {
    return this.#attempt(async (isCurrent) => {
      const look = await this.#look();
      if (!isCurrent()) return;
      if (look.state === "claimed_here") return this.#claimAndEnter({}, isCurrent);
      if (this.#link.isGuest) return this.stage.show({ look });
      this.#waitUnproven(look);
      if (hasMoved) this.stage.know({ hasMoved });
    });
  }

  // ── The session ────────────────────────────────────────────────────────────────────────────────────────────────────

  // What the page showed until now stays until the server says its own.
  #enter(session) {
    const client = new RoomClient({
      getToken: ({ refusal }) => (refusal === null ? session.token : this.#claimAgain()),
      device: session.isBound ? this.#device : null,
      clock: this.#clock,
    });
    client.on("token", (newest) => this.#remember({ session: { ...this.#saved.session, ...newest } }));
    const stop = client.on("changed", () => {
      stop();
      if (client === this.#client) this.stage.show({});
    });
    this.#connect(client, { hasMoved: false, lobby: this.#client?.lobby ?? null });
  }

  // The token ran out while the tab slept: this device has the claim, so that the link alone brings another.
  async #claimAgain() {
    const [run, link] = [this.#run, this.#link];
    const look = await this.#look(link);
    if (look.state !== "claimed_here") throw new Refused({ code: "claim_lost", message: "This device no longer has the link." });
    const session = await link.claim({});
    if (run === this.#run) this.#remember({ session });
    return session.token;
  }

  #connect(client, context) {
    this.#client?.disconnect();
    this.#client = client;
    this.stage.follow(client);
    this.stage.know(context);
    client.on("stateChanged", ({ state, reason }) => { if (reason && state === "ended" && client === this.#client) this.#end(reason); });
    client.connect();
  }

  #end(refusal) {
    this.#remember({ session: null });
    if (refusal.code in HAS_MOVED) this.#offerToAsk(HAS_MOVED[refusal.code]);
    else if (refusal.code === "too_many_attempts") this.#tryLater(refusal);
    else if (mayGoOnAfterEnd(refusal, this.#client)) this.start();
    else this.stage.show({ ended: refusal });
  }

  // The countdown on the page starts anew by itself; the timer is for a page that nobody looks at.
  #tryLater(refusal) {
    const wait_ms = refusal.retryAfterMs ?? 600_000;
    this.stage.show({ ended: refusal, retry_at_ms: this.#clock.now_ms() + wait_ms });
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.start(), wait_ms + 1_000);
  }

  async #goOnPurpose(command, where) {
    const client = this.#client;
    try {
      await client.command(command);
    } catch (error) {
      if (client.state !== "ended") throw error;
    }
    client.disconnect();
    this.#remember({ hasLeft: where });
    this.stage.show({ hasLeft: where });
  }
}

new Join(document.getElementById("app")).resume();

/** The front page of the demo: choose who to be, and see a session from all its sides at once. */

import { MANAGER } from "./demo.js";
import { SideBySide } from "./side-by-side.js";
import { welcome } from "./welcome.js";
import { connectManager, inviteSomebody, makeRoom } from "./scene.js";
import { asRefusal } from "../common/refusal.js";
import { el } from "../common/dom.js";
import { buildFrame, siteName } from "../common/frame.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("home");
const site = document.documentElement.dataset;
const root = document.getElementById("app");

function start() {
  if (!site.demo) return showCalmly();
  const { room, as = MANAGER, access = "members" } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  return room ? goOn({ roomId: room, person: as, access, link: null }) : showWelcome();
}

/** Beside a real site there is nothing to try: rooms are opened from there. */
function showCalmly() {
  document.title = siteName;
  const { main } = buildFrame(root);
  main.append(el("section", { class: "card calm", "data-state": "no_demo" },
    el("h1", { tabindex: -1 }, say("calm.heading")),
    el("p", {}, say("calm.sentence")),
    site.siteWelcome ? el("p", { class: "quiet" }, site.siteWelcome) : null));
}

function showWelcome(refusal = null) {
  document.title = `${say("heading")} · ${siteName}`;
  const { main } = buildFrame(root);
  main.append(welcome({ choose: begin, refusal }));
}

async function begin(body, person) {
  const roomId = await makeRoom(body);
  const client = await connectManager(roomId);
  const link = await inviteSomebody(client);
  const { access } = body;
  history.replaceState(null, "", `#${new URLSearchParams({ room: roomId, as: person, access })}`);
  show({ roomId, client, link, person, access });
}

/** After a reload: the frames remember who they are, and the invitee's its link. */
async function goOn(scene) {
  const sayLobby = await wordsOf("lobby");
  document.title = siteName;
  buildFrame(root).main.append(el("section", { class: "card calm", "data-state": "opening" },
    el("h1", { tabindex: -1 }, sayLobby("opening.heading")), el("p", {}, sayLobby("opening.next"))));
  try {
    show({ ...scene, client: await connectManager(scene.roomId) });
  } catch (error) {
    showWelcome(asRefusal(error));
  }
}

function show(scene) {
  const view = new SideBySide(root, scene, { again: () => {
    history.replaceState(null, "", location.pathname + location.search);
    showWelcome();
  } });
  view.open();
}

start();

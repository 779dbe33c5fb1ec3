/** What is on screen while connections come and go and the tab's own clock is set. */

import { Stage } from "/pages/room/stage.js";
import { makeLobby } from "/pages/client/greenroom-client-testing.js";
import { check, equal, test } from "./harness.js";

const NOW_MS = 1_795_000_000_000;
const STARTS_AT_MS = NOW_MS + 7_384_000;
const PATIENCE_TURNS = 200;

let now_ms = NOW_MS;

function openStage() {
  document.querySelectorAll("main").forEach((node) => node.remove());
  const root = document.createElement("div");
  document.body.prepend(root);
  return new Stage(root, { clock: { now_ms: () => now_ms }, actions: {} });
}

function fakeClient(state) {
  const heard = {};
  const room = { room_id: "r1", title: "A room", description: null, phase: "scheduled", opens: "at_start", starts_at_ms: STARTS_AT_MS };
  const lobby = makeLobby({ state: "countdown", room, enter_at_ms: STARTS_AT_MS, position: null });
  const client = { state, place: "lobby", stale: null, lobby, on: (name, act) => { heard[name] = act; }, disconnect: () => {} };
  return { client, heard };
}

test("a clock that ran ahead is set right by the server's next tick, and the countdown is there again", () => {
  const stage = openStage();
  const { client, heard } = fakeClient("connected");
  now_ms = STARTS_AT_MS + 1_000;
  stage.follow(client);
  stage.show({});
  check(stage.card.countdown.root.hidden, "it seemed to be time");
  now_ms = STARTS_AT_MS - 3_600_000;
  heard.tick({});
  equal([stage.card.countdown.root.hidden, stage.card.countdown.root.dataset.leftS], [false, "3600"]);
});

test("a connection that takes the place of one just lost, and is lost itself, is told of", async () => {
  const stage = openStage();
  now_ms = NOW_MS;
  stage.show({});
  for (const { client, heard } of [fakeClient("reconnecting"), fakeClient("reconnecting")]) {
    stage.follow(client);
    heard.stateChanged({ state: "reconnecting", reason: null });
  }
  for (let turn = 0; turn < PATIENCE_TURNS && stage.connection.hidden; turn += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  equal(stage.connection.dataset.kind, "away");
});

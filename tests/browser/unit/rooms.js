/** A client on a fake server and in fake time, already where the test wants it. */

import { RoomClient } from "/pages/client/greenroom-client.js";
import { FakeTime, FakeTransport, makeWelcome, settled } from "/pages/client/greenroom-client-testing.js";

export function openClient({ getToken = () => "t1", random = () => 0.5, time = new FakeTime(), ...options } = {}) {
  const server = new FakeTransport();
  const client = new RoomClient({ url: "http://localhost", getToken, transport: server.transport, time, random, ...options });
  const told = [];
  for (const name of NAMES) client.on(name, (detail) => told.push([name, detail]));
  return { server, time, client, told, names: () => told.map(([name]) => name).filter((name) => !QUIET.has(name)) };
}

export async function arrive(message = makeWelcome(), options = {}) {
  const opened = openClient(options);
  opened.client.connect();
  await opened.server.welcome(message);
  await settled();
  opened.told.length = 0;
  return opened;
}

/** Lose the connection and let the client come back; answers its hello. */
export async function comeBack({ server, time }, message) {
  server.drop();
  await time.advance(time.next_ms);
  await settled();
  return server.welcome(message);
}

export const frame = (after, upto, ...events) => ({ type: "events", after, upto, events });

export const refresh = (seq, fields = {}) => ({
  type: "refresh", seq, role: "moderator", old_role: "viewer", role_rev: 2, permissions: ["admit", "see_line"], by: "p9",
  reveal: { waiters: [], line: null, device_requests: [] }, forget: [], token: "t3", token_expires_at_ms: 1_795_000_900_000, ...fields,
});

const QUIET = new Set(["changed", "token", "stateChanged", "synced"]);
const NAMES = [
  "stateChanged", "changed", "synced", "lobbyChanged", "admitted", "declined", "removed", "roleChanged", "roomChanged", "participantJoined",
  "participantUpdated", "participantLeft", "waiterAdded", "waiterUpdated", "waiterRemoved", "invitationChanged", "invitationRemoved",
  "guestLinkChanged", "guestLinkRemoved", "deviceRequested", "deviceRequestClosed", "applied", "tick", "stale", "token", "error",
];

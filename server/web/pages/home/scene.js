/** A room of the demo with somebody invited to it: made as Maya, by what any front end of one's own would use. */

import { MANAGER, INVITEE, demoSignIn } from "./demo.js";
import { RoomClient } from "../client/greenroom-client.js";
import { persist, post } from "../client/greenroom-http.js";

/** What most people want to see first: somebody waits, and is let in by a button. */
export const READY = { locked: true };

/** Make the room; answers its id. */
export async function makeRoom(body) {
  const { room_id } = await persist(() => post("/v1/demo/rooms", body));
  return room_id;
}

/** Maya's own connection to the room, from this page: it invites, follows what happens, and does what the guide is asked to show. */
export async function connectManager(roomId) {
  const getToken = async () => {
    const siteToken = await persist(() => demoSignIn(MANAGER));
    const answer = await persist(() => post(`/v1/rooms/${encodeURIComponent(roomId)}/sign-in`, {}, { bearer: siteToken }));
    return answer.session_token;
  };
  const client = new RoomClient({ getToken });
  await client.connect();
  return client;
}

/** A link for whoever the site does not know. */
export async function inviteSomebody(client) {
  const { link } = await client.command("invitation.create", { ...INVITEE, role: "viewer" });
  return link;
}

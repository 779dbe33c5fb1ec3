/** The people of the demo, and signing in as one of them: works only where no site is configured. */

import { post } from "../client/greenroom-http.js";

export const MANAGER = "maya";
export const ATTENDEE = "alex";
/** Somebody whom the site does not know: they come by their invitation. */
export const INVITEE = { first_name: "Grace", last_name: "Hopper", email: "grace@example.org" };
const NAMES = { maya: "Maya Manager", alex: "Alex Attendee", bo: "Bo Attendee", chris: "Chris Attendee" };

export function demoName(userId) {
  return NAMES[userId] ?? userId.charAt(0).toUpperCase() + userId.slice(1);
}

export function demoEmail(userId) {
  return `${userId}@example.com`;
}

/**
 * The site token of a demo person.
 * @throws {Refused} with `status` 404: this site signs people in itself
 */
export async function demoSignIn(userId) {
  const { site_token } = await post("/v1/demo/sign-in", { user_id: userId, name: demoName(userId), email: demoEmail(userId) });
  return site_token;
}

/** The page of somebody whom the demo signs in: the room, or what its product shows before it. */
export function roomAddress(roomId, userId) {
  return `/room/${encodeURIComponent(roomId)}#as=${encodeURIComponent(userId)}`;
}

export function mediaAddress(roomId, userId) {
  return `/media/${encodeURIComponent(roomId)}#as=${encodeURIComponent(userId)}`;
}

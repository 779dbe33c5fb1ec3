/** What is offered to whom: what is off is left out, and the server refuses it in any case, with a code that says why. */

const OVER = new Set(["ended", "deleted"]);
const LIVE = new Set(["opening", "open"]);

/**
 * Whether inviting is offered now: the right, the site's module, the room's Chat & Collaboration, and of a channel's room the live
 * session.
 */
export function mayInvite(client) {
  const { features, room } = client;
  if (!client.may("invite") || !features?.invite_to_media || !room?.cnc || OVER.has(room.phase)) return false;
  return room.kind !== "channel" || LIVE.has(room.phase);
}

/** Whether guest links are offered; the site may have none at all. */
export function mayOpenGuestLinks(client) {
  return client.may("manage_invitations") && Boolean(client.features?.guest_access) && !OVER.has(client.room?.phase);
}

/** Whether this person may have mails sent. */
export function mayMail(client) {
  return Boolean(client.features?.email) && client.may("manage_invitations");
}

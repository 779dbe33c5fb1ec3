/** Roles, standings, permissions, and how far a change of role has come, in words. */

import { wordsOf } from "./words.js";

const say = await wordsOf("roles");

/** Most everyday first; what is not named here comes last. */
const PERMISSION_ORDER = [
  "chat", "answer_interactions", "ask_questions", "raise_hand", "backchannel", "initiate_interactions", "see_line", "admit", "lock",
  "change_roles", "remove", "ban", "clear_hands", "start_session", "end_session", "invite", "manage_invitations", "edit_room",
  "delete_room", "read_audit",
];
export const GRANTABLE = ["viewer", "speaker", "moderator"];

/** "Speaker". */
export function roleWord(role) {
  return say.has(role) ? say(role) : role;
}

/** "a speaker", as in "You are now a speaker." */
export function roleWithArticle(role) {
  return say.has(`a.${role}`) ? say(`a.${role}`) : role;
}

/** "Make speaker". */
export function makeRoleWords(role) {
  return say(`make.${role}`);
}

/** "Owner". */
export function standingWord(standing) {
  return say.has(`standing.${standing}`) ? say(`standing.${standing}`) : standing;
}

/** What a type of invitation lets somebody do, in one sentence. */
export function roleMeaning(role) {
  return say(`means.${role}`);
}

/** What somebody may do, most everyday first. */
export function permissionsInOrder(permissions) {
  const place = (permission) => (PERMISSION_ORDER.indexOf(permission) + 1) || PERMISSION_ORDER.length + 1;
  return [...permissions].sort((a, b) => place(a) - place(b));
}

export function permissionWord(permission) {
  return say.has(`may.${permission}`) ? say(`may.${permission}`) : permission.replaceAll("_", " ");
}

/** "applied on 2 of 2 tabs", "pending: 1 of 2 tabs", "offline: applies on return". */
export function appliedWords({ status, applied, expected }) {
  if (status === "offline") return say("applied.offline");
  return say(status === "applied" ? "applied.done" : "applied.pending", { applied, count: expected });
}

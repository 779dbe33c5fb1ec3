/** Times, durations, roles and permissions, in words. */

const LOCALE = globalThis.navigator?.language?.startsWith("en") ? navigator.language : "en-GB";
const DAY_S = 86_400;

export const ROLE_WORDS = { viewer: "Viewer", speaker: "Speaker", moderator: "Moderator", manager: "Manager" };
export const STANDING_WORDS = { owner: "Owner", co_owner: "Co-owner", co_editor: "Co-editor", co_publisher: "Co-publisher" };

const PERMISSION_WORDS = {
  chat: "chat",
  answer_interactions: "answer polls and quizzes",
  ask_questions: "ask questions",
  raise_hand: "raise your hand",
  backchannel: "use the backchannel",
  initiate_interactions: "start polls and quizzes",
  see_line: "see who waits",
  admit: "let people in",
  lock: "lock the room",
  change_roles: "change roles",
  remove: "remove people",
  ban: "ban people",
  clear_hands: "lower all hands",
  start_session: "start the session",
  end_session: "end the session",
  invite: "invite people",
  manage_invitations: "manage invitations",
  edit_room: "edit the room",
  delete_room: "delete the room",
  read_audit: "read who did what",
};
const PERMISSION_ORDER = Object.keys(PERMISSION_WORDS);

/** What somebody may do, most everyday first. */
export function permissionWords(permissions) {
  const place = (permission) => (PERMISSION_ORDER.indexOf(permission) + 1) || PERMISSION_ORDER.length + 1;
  return [...permissions].sort((a, b) => place(a) - place(b)).map((name) => PERMISSION_WORDS[name] ?? name.replaceAll("_", " "));
}

/** "Monday, 23 November 2026 at 10:30 CET (Europe/Berlin)", in the reader's own time. */
export function instantWords(at_ms) {
  const words = new Intl.DateTimeFormat(LOCALE, {
    weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short",
  }).format(at_ms);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  return zone && !words.endsWith(zone) ? `${words} (${zone})` : words;
}

export function shortInstant(at_ms) {
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" }).format(at_ms);
}

/** "1 day 02:03:04", "02:03:04" or "03:04": whole seconds, rounded up, never below zero. */
export function countdownWords(left_ms) {
  const left_s = Math.max(0, Math.ceil(left_ms / 1000));
  const days = Math.floor(left_s / DAY_S);
  const parts = [Math.floor((left_s % DAY_S) / 3600), Math.floor((left_s % 3600) / 60), left_s % 60];
  if (days === 0 && parts[0] === 0) parts.shift();
  const clock = parts.map((part) => String(part).padStart(2, "0")).join(":");
  return days === 0 ? clock : `${days} ${days === 1 ? "day" : "days"} ${clock}`;
}

/** "2 days", "3 hours", "5 minutes": for ears, not to the second. */
export function roughWords(left_ms) {
  const left_s = Math.max(0, Math.ceil(left_ms / 1000));
  if (left_s >= 2 * DAY_S) return `${Math.round(left_s / DAY_S)} days`;
  if (left_s >= 2 * 3600) return `${Math.round(left_s / 3600)} hours`;
  if (left_s > 90) return `${Math.round(left_s / 60)} minutes`;
  return `${left_s} ${left_s === 1 ? "second" : "seconds"}`;
}

/** What everybody inside reads while the hosts are away; null while one is there, or where that ends nothing. */
export function absenceWords({ host_absence_ends_at_ms }, now_ms) {
  if (host_absence_ends_at_ms === null) return null;
  const left_ms = host_absence_ends_at_ms - now_ms;
  return left_ms > 0 ? `No host is here: the session ends in ${countdownWords(left_ms)} unless one comes back.` : "The session is ending.";
}

export function countWords(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}

export function withArticle(role) {
  return `a ${ROLE_WORDS[role]?.toLowerCase() ?? role}`;
}

/** "applied on 2 of 2 tabs", "pending: 1 of 2 tabs", "offline: applies on return". */
export function appliedWords({ status, applied, expected }) {
  if (status === "offline") return "offline: applies on return";
  const tabs = `${applied} of ${countWords(expected, "tab", "tabs")}`;
  return status === "applied" ? `applied on ${tabs}` : `pending: ${tabs}`;
}

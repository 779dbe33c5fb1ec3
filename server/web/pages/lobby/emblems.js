/** How each state looks and sounds beside its words. */

/** The drawing above the heading; a place in line takes its room. */
export const EMBLEMS = {
  opening: "door",
  invalid: "link",
  expired: "clock",
  used_on_another_device: "device",
  moved: "device",
  device_pending: "device",
  device_refused: "device",
  device_allowed: "check",
  withdrawn: "mail",
  domain_blocked: "shield",
  wrong_account: "people",
  email_entry: "mail",
  guest_entry: "door",
  guest_access_off: "door",
  guest_link_full: "people",
  try_later: "clock",
  waiting_for_host: "door",
  waiting_in_line: "people",
  room_full: "people",
  admitted: "check",
  declined: "hand",
  removed: "leave",
  banned: "shield",
  session_ended: "check",
  reconnecting: "offline",
  left: "leave",
  left_line: "leave",
  replaced: "stage",
  signed_out: "lock",
  not_signed_in: "lock",
  not_invited: "lock",
  refused: "question",
};

/** Something goes on by itself. */
export const WAITING = new Set([
  "opening", "reconnecting", "waiting_for_host", "waiting_in_line", "room_full", "device_pending", "device_allowed", "admitted",
]);

/** To be told when there is a pause; every other state is an admission, a refusal or a loss, and told at once. */
export const QUIET = new Set([
  "opening", "email_entry", "guest_entry", "countdown", "waiting_for_host", "waiting_in_line", "room_full", "device_pending",
  "wrong_account", "left", "left_line",
]);

/**
 * What each state outside the room says: one heading, one sentence of what happens next and who acts, one primary action
 * at most. Pure words; the pages bring the actions and `lobby-view.js` the elements.
 *
 * A page: `state` · `heading` · `sentence` · `title`, `starts_at_ms` (of the room) · `target_ms` (counted down to) ·
 * `quote` {from, text} · `position` · `form` (the button's label; the address is asked for) · `asksName` (and a name) · `asksCode` (and a code that is mailed) · `primary`, `secondary`
 * {label, action} · `code`.
 */

/** The page of a lobby state. `hasMoved`: this device had the claim before another took it; `now_ms`: the server's clock. */
export function lobbyPage(lobby, { left = null, hasMoved = false, now_ms = 0 } = {}) {
  const page = (LOBBY[lobby.state] ?? LOBBY.entering)(lobby, { left, hasMoved, now_ms });
  return {
    state: lobby.state,
    title: lobby.room.title,
    description: lobby.room.description,
    starts_at_ms: lobby.room.phase === "scheduled" ? lobby.room.starts_at_ms : null,
    quote: lobby.host_message ? { from: "From the host", text: lobby.host_message } : null,
    ...page,
    asksCode: Boolean(page.form) && lobby.needs_code,
  };
}

const ADDRESS_NEEDED = "Enter the address that the invitation was sent to";

const LOBBY = {
  countdown: (lobby, { now_ms }) => {
    const { enter_at_ms, needs_email, room: { starts_at_ms } } = lobby;
    const mayEnter = needs_email && enter_at_ms !== null && enter_at_ms <= now_ms && starts_at_ms > now_ms;
    const isEarly = enter_at_ms !== null && enter_at_ms !== starts_at_ms && !mayEnter;
    return {
      heading: isEarly ? "You may enter in" : "The session starts in",
      sentence: mayEnter
        ? `${ADDRESS_NEEDED}; you may go in already.`
        : needs_email
          ? `${ADDRESS_NEEDED}; then you are let in automatically when it is time.`
          : "You are let in automatically when it is time: keep this page open.",
      target_ms: isEarly ? enter_at_ms : starts_at_ms,
      form: needs_email ? "Confirm the address" : null,
    };
  },
  email_entry: (lobby) => ({
    heading: "Confirm your address",
    sentence: lobby.room.phase === "scheduled"
      ? `${ADDRESS_NEEDED}; then you wait here for the start.`
      : `The session has begun. ${ADDRESS_NEEDED}, and you go in.`,
    form: "Go in",
  }),
  waiting_for_host: (lobby) => ({
    heading: "Waiting for the host",
    sentence: lobby.needs_email
      ? `${ADDRESS_NEEDED}; then a host has to start the session.`
      : "A host has to start the session; then you are let in automatically.",
    starts_at_ms: null,
    form: lobby.needs_email ? "Confirm the address" : null,
  }),
  waiting_in_line: (lobby, { left }) => ({
    heading: left === "sent_back" ? "A host moved you to the lobby" : "You are in line",
    sentence: lobby.can_be_admitted
      ? "A host lets people in; you need do nothing."
      : "Nobody can admit you right now; keep this page open, and a host will see you on arriving.",
    position: positionWords(lobby),
    secondary: { label: "Cancel", action: "withdraw" },
  }),
  room_full: (lobby) => ({
    heading: "The room is full",
    sentence: "You go in by yourself as soon as somebody leaves: keep this page open.",
    position: positionWords(lobby),
    secondary: { label: "Cancel", action: "withdraw" },
  }),
  entering: () => ({
    heading: "You are being let in",
    sentence: "This takes a moment; you need do nothing.",
  }),
  declined: (lobby) => ({
    heading: "A host declined your request",
    sentence: lobby.can_knock
      ? "You can ask once more; a host decides."
      : "You cannot ask again; turn to whoever invited you.",
    quote: lobby.decline_message ? { from: "The host's message", text: lobby.decline_message } : null,
    primary: lobby.can_knock ? { label: "Ask once more", action: "knock" } : null,
  }),
  removed: (lobby) => ({
    heading: "A host removed you from the session",
    sentence: lobby.can_knock
      ? "You can ask to come back; a host decides."
      : "You cannot ask to come back; turn to whoever invited you.",
    quote: null,
    primary: lobby.can_knock ? { label: "Ask to come back", action: "knock" } : null,
  }),
  used_on_another_device: (lobby, { hasMoved }) => devicePage(lobby.device_request, hasMoved),
  device_allowed: () => ({
    heading: "You may use this device",
    sentence: "You are going in now; you need do nothing.",
  }),
  session_ended: (lobby) => ({
    heading: "The session has ended",
    sentence: lobby.can_reopen
      ? "You can go on with it: everybody may come again as they came before."
      : "There is nothing more to do here; you can close this page.",
    quote: null,
    primary: lobby.can_reopen ? { label: "Reopen the session", action: "reopen" } : null,
  }),
};

function positionWords({ position, more_than }) {
  if (position !== null) return position === 1 ? "You are next in line." : `You are number ${position} in line.`;
  return more_than !== null ? `More than ${more_than} people are before you.` : null;
}

function devicePage(request, hasMoved) {
  if (request === "pending") {
    return {
      state: "device_pending",
      heading: "Waiting for an answer",
      sentence: "A host decides whether you may use this device; this page goes on by itself.",
    };
  }
  if (request === "refused") {
    return {
      state: "device_refused",
      heading: "A host said no to this device",
      sentence: "Open the invitation on the device where you used it before; or ask again, and a host decides.",
      form: "Ask again",
    };
  }
  return {
    state: hasMoved ? "moved" : "used_on_another_device",
    heading: hasMoved ? "This invitation moved to another device" : "This invitation is in use on another device",
    sentence: "Go on there; or enter the invited address to ask for this device, and a host decides.",
    form: hasMoved ? "Ask to use this device again" : "Ask to use this device",
  };
}

/** The page of a guest link on a device that has not come in by it: whoever has the link may, as whom they say they are. */
export function guestPage(room) {
  return {
    state: "guest_entry",
    heading: "Come in as a guest",
    sentence: room.phase === "scheduled"
      ? "Give your name and e-mail address; then you wait here for the start. Others see that they are unverified."
      : "Give your name and e-mail address, and you go in. Others see that they are unverified.",
    title: room.title,
    starts_at_ms: room.phase === "scheduled" ? room.starts_at_ms : null,
    form: "Go in",
    asksName: true,
  };
}

/** Whether the end of the session is not the end for this person: a host comes back to the page that offers to go on. */
export function mayGoOnAfterEnd(refusal, client) {
  const wasThere = client?.you?.permissions?.includes("start_session") && client.lobby?.state !== "session_ended";
  return refusal.code === "session_ended" && Boolean(wasThere);
}

/** The page of a refusal that ends the way in: its own words, unless ours say better who acts. */
export function endPage(refusal, { title = null, isGuest = false } = {}) {
  const page = (isGuest && GUEST_ENDS[refusal.code]) || (ENDS[refusal.code] ?? { state: "refused" });
  return { heading: refusal.message, sentence: refusal.nextStep, code: refusal.code, title, ...page };
}

const ASK_FOR_NEW = "Check that the whole link was copied, or ask whoever invited you for a new one.";

const ENDS = {
  invite_unknown: { state: "invalid", sentence: ASK_FOR_NEW },
  room_unknown: { state: "invalid" },
  invite_expired: { state: "expired" },
  invite_revoked: { state: "withdrawn", sentence: "Whoever invited you took it back; turn to them." },
  invite_replaced: { state: "withdrawn" },
  room_deleted: { state: "withdrawn" },
  session_ended: { state: "session_ended", sentence: "There is nothing more to do here; you can close this page." },
  domain_blocked: { state: "domain_blocked" },
  guest_access_off: { state: "guest_access_off" },
  guest_link_full: { state: "guest_link_full" },
  guests_full: { state: "guest_link_full" },
  banned: { state: "banned" },
  not_invited: { state: "not_invited" },
  removed: { state: "removed", primary: { label: "Ask to come back", action: "restart" } },
  declined: { state: "declined", primary: { label: "Try again", action: "restart" } },
  replaced: {
    state: "replaced",
    heading: "This session goes on in another tab",
    sentence: "Go on there, or take over here.",
    primary: { label: "Go on here", action: "restart" },
  },
  token_invalid: { state: "signed_out", primary: { label: "Sign in again", action: "restart" } },
  token_expired: { state: "signed_out", primary: { label: "Sign in again", action: "restart" } },
  proof_invalid: { state: "signed_out", primary: { label: "Open the link again", action: "restart" } },
  page_error: { state: "refused", primary: { label: "Try again", action: "restart" } },
};

const GUEST_ENDS = {
  invite_revoked: { state: "withdrawn", sentence: "Whoever gave you the link switched it off; turn to them." },
  banned: {
    state: "banned",
    sentence: "This device and this browser are banned with you: no guest link opens the room here until the session ends.",
  },
};

export const OPENING_PAGE = { state: "opening", heading: "One moment", sentence: "Your way in is being looked up." };

export const CONNECTING_PAGE = { state: "connecting", heading: "Connecting", sentence: "This takes a moment." };

export const NO_SECRET_PAGE = {
  state: "invalid",
  heading: "This link is not complete",
  sentence: ASK_FOR_NEW,
  code: "invite_unknown",
};

export const WRONG_ACCOUNT_PAGE = {
  state: "wrong_account",
  heading: "You are signed in with another address",
  sentence: "This invitation is for somebody else's address; if that is yours too, enter it.",
  primary: { label: "Enter the invited address", action: "enter_address" },
  code: "email_mismatch",
};

export const WITHDRAWN_BY_SELF_PAGE = {
  state: "left_line",
  heading: "You left the line",
  sentence: "You can join it again, at its end, while the session lasts.",
  primary: { label: "Join the line again", action: "restart" },
};

export const LEFT_PAGE = {
  state: "left",
  heading: "You left the session",
  sentence: "You can come back while it lasts.",
  primary: { label: "Come back", action: "restart" },
};

export function tryLaterPage(refusal, retry_at_ms) {
  return {
    state: "try_later",
    heading: refusal.message,
    sentence: "You can enter the address again when the time is up; the link stays good.",
    target_ms: retry_at_ms,
    code: refusal.code,
  };
}

export function reconnectingPage(refusal, { title = null } = {}) {
  const isOurs = refusal === null || refusal.code === "unreachable";
  return {
    state: "reconnecting",
    heading: isOurs ? "Reconnecting" : refusal.message,
    sentence: "This page comes back by itself as soon as it can; you need do nothing.",
    title,
    code: refusal?.code ?? null,
  };
}

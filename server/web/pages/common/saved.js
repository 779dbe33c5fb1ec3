/** What a tab remembers of a room over a reload: in sessionStorage, so that no other tab and no later visit has it. */

export const SITE_TOKEN = "greenroom.site_token";
export const DEMO_PERSON = "greenroom.as";

// The frames of one tab share its storage, and each may be somebody else: a frame with a name, which it has over reloads too,
// keeps what is its own under that name.
const FRAME = globalThis.parent !== globalThis && globalThis.name ? `${globalThis.name}/` : "";
const keyOf = (name) => FRAME + name;

/** The record of this tab under `name`; {} where there is none, or none can be kept. */
export function load(name) {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(name))) ?? {};
  } catch {
    return {};
  }
}

export function save(name, record) {
  try {
    sessionStorage.setItem(keyOf(name), JSON.stringify(record));
  } catch {
    // Storage is off: the page works, and a reload starts at the link again.
  }
}

export function loadText(name) {
  try {
    return sessionStorage.getItem(keyOf(name));
  } catch {
    return null;
  }
}

export function saveText(name, text) {
  try {
    if (text === null) sessionStorage.removeItem(keyOf(name));
    else sessionStorage.setItem(keyOf(name), text);
  } catch {
    // As above.
  }
}

/** Whether a device's cookie would come again: not where cookies are off, nor in a frame of another site. */
export function keepsCookies() {
  try {
    return navigator.cookieEnabled && window.top.location.origin === location.origin;
  } catch {
    return false;
  }
}

/** What frames of this tab remember whose names begin so: gone, once they are. */
export function forgetFrames(beginning) {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(beginning)) sessionStorage.removeItem(key);
  } catch {
    // As above.
  }
}

/** The room id in the address, `/join/<id>` or `/room/<id>`. */
export function roomIdInAddress() {
  return decoded(location.pathname.split("/")[2] ?? "");
}

/** Take the fragment out of the address bar, the history and what is shared from there; answers what it was, or null. */
export function takeFragment() {
  const fragment = location.hash.slice(1);
  if (!fragment) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return decoded(fragment);
}

/** A part of an address as it was meant; as it stands where it cannot be read: what somebody mistyped is no reason to show nothing. */
export function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

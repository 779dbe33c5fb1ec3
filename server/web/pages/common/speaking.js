/** What is read out to a screen reader, and short words over the page: neither moves anything. */

import { el, setText } from "./dom.js";
import { wordsOf } from "./words.js";

const say = await wordsOf("common");

const MOST_WAITING = 8; // what is older than that is no news any more
const SPACING_MS = 700; // a live region that changes faster loses the first words
const RETELL_MS = 30;
const NOTICE_MS = 6_000;

const polite = el("div", { class: "unseen", role: "status", "aria-live": "polite" });
const urgent = el("div", { class: "unseen", role: "alert", "aria-live": "assertive" });
const notices = el("div", { class: "notices", role: "region", "aria-label": say("notices") });
document.body.append(polite, urgent, notices);

const waiting = [];
let timer = null;

/** Read out when there is a pause; several in a row one after another. */
export function announce(text) {
  if (waiting.length >= MOST_WAITING) waiting.shift();
  waiting.push(text);
  if (timer === null) next();
}

function next() {
  const text = waiting.shift();
  timer = text === undefined ? null : setTimeout(next, SPACING_MS);
  if (text !== undefined) retell(polite, text);
}

/** Read out at once, over whatever else is being read: an admission, a refusal, a lost connection. */
export function alertNow(text) {
  retell(urgent, text);
}

// What is outside an open dialog is neither read out nor seen over it, so all three go where the reader is.
function follow() {
  const top = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  if (polite.parentNode !== top) top.append(polite, urgent, notices);
}

/** Bring them back from a dialog that is about to go. */
export function leaveDialog(dialog) {
  if (dialog.contains(polite)) document.body.append(polite, urgent, notices);
}

// The same words twice are news twice: only a change is read out.
function retell(place, text) {
  follow();
  if (place.textContent === text) place.replaceChildren();
  setTimeout(() => setText(place, text), RETELL_MS);
}

/**
 * A short word over the page, for a while, and read out once. With `action` it has a button; `key` replaces the one before.
 * @param {string} text
 * @param {{key?: string, shown_ms?: number, action?: {label: string, key?: string, act: () => void}}} how
 * @returns {() => void} takes it away
 */
export function notify(text, { key = null, shown_ms = NOTICE_MS, action = null } = {}) {
  if (key !== null) notices.querySelector(`[data-notice="${CSS.escape(key)}"]`)?.remove();
  const take = () => node.remove();
  const node = el("div", { class: "notice", "data-notice": key }, el("span", {}, text),
    action && el("button", { type: "button", "data-act": action.key, onclick: () => { take(); action.act(); } }, action.label));
  follow();
  notices.append(node);
  announce(text);
  takeAfter(node, shown_ms);
  return take;
}

/** Other words in the notice that stands there under `key`, not read out; `shown_ms`: for so much longer. Answers whether one stands there. */
export function renewNotice(key, text, { shown_ms = null } = {}) {
  const node = notices.querySelector(`[data-notice="${CSS.escape(key)}"]`);
  if (!node) return false;
  setText(node.firstElementChild, text);
  if (shown_ms !== null) takeAfter(node, shown_ms);
  return true;
}

const ends = new WeakMap();

// What is being pointed at, or has the focus, stays until it is left.
function takeAfter(node, shown_ms) {
  clearTimeout(ends.get(node));
  if (shown_ms === Infinity) return;
  ends.set(node, setTimeout(() => (node.matches(":hover, :focus-within") ? takeAfter(node, shown_ms) : node.remove()), shown_ms));
}

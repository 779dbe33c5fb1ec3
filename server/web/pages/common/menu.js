/** A menu at a button (WAI-ARIA menu button): arrows, Home, End, a first letter, Escape; it opens over everything else. */

import { wasMeant } from "./clicking.js";
import { el, setText } from "./dom.js";
import { icon } from "./icons.js";

const GAP_PX = 4;
const SETTLED_MS = 500; // of choices that moved while somebody was about to take one
let made = 0;

/**
 * @param {string | null} label what stands on the button; null: three dots
 * @param {string} describedAs what the button is called to a screen reader
 * @returns {{root: HTMLElement, button: HTMLElement, items: HTMLElement}}
 */
export function menu(label, describedAs) {
  const id = `menu-${++made}`;
  const button = el("button", {
    type: "button", class: label === null ? "icon-only" : null, "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": id,
    "aria-label": describedAs,
  }, label ?? icon("dots"));
  const items = el("div", { class: "menu-items", id, role: "menu", popover: "auto", "aria-label": describedAs });
  const root = el("div", { class: "menu" }, button, items);
  button.addEventListener("click", () => (items.matches(":popover-open") ? items.hidePopover() : open(button, items, 0)));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    open(button, items, event.key === "ArrowDown" ? 0 : -1);
  });
  items.addEventListener("keydown", (event) => onKey(event, button, items));
  items.addEventListener("toggle", ({ newState }) => button.setAttribute("aria-expanded", String(newState === "open")));
  return { root, button, items };
}

function open(button, items, index) {
  items.showPopover();
  place(button, items);
  choicesIn(items).at(index)?.focus();
}

// Below the button where there is room, else above; its far edge at the button's, and never outside the window.
function place(button, items) {
  const at = button.getBoundingClientRect();
  const { width, height } = items.getBoundingClientRect();
  const isBelow = at.bottom + GAP_PX + height <= innerHeight || at.top < height;
  const start = getComputedStyle(button).direction === "rtl" ? at.left : at.right - width;
  Object.assign(items.style, {
    position: "fixed",
    margin: "0",
    inset: "auto",
    top: `${Math.max(GAP_PX, Math.min(innerHeight - height - GAP_PX, isBelow ? at.bottom + GAP_PX : at.top - height - GAP_PX))}px`,
    left: `${Math.max(GAP_PX, Math.min(innerWidth - width - GAP_PX, start))}px`,
  });
}

function choicesIn(items) {
  return [...items.querySelectorAll('[role^="menuitem"]')];
}

function onKey(event, button, items) {
  const choices = choicesIn(items);
  const at = choices.indexOf(document.activeElement);
  if (event.key === "ArrowDown") choices[(at + 1) % choices.length]?.focus();
  else if (event.key === "ArrowUp") choices.at(at <= 0 ? -1 : at - 1)?.focus();
  else if (event.key === "Home") choices[0]?.focus();
  else if (event.key === "End") choices.at(-1)?.focus();
  else if (event.key === "Escape") {
    items.hidePopover();
    button.focus();
  } else if (event.key === "Tab") return void items.hidePopover();
  else if (event.key.length === 1 && event.key !== " ") focusByLetter(event.key, choices, at);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function focusByLetter(letter, choices, at) {
  const inOrder = [...choices.slice(at + 1), ...choices.slice(0, at + 1)];
  inOrder.find((choice) => choice.textContent.trim().toLowerCase().startsWith(letter.toLowerCase()))?.focus();
}

/**
 * Put `choices` ({key?, label, act, danger?, icon?, isChosen?}, or null for a rule between two parts) into a menu; `key` is its
 * `data-act`. Where it shows just these it is left alone, so that one that is open does not flicker. A menu without choices is hidden.
 */
export function setChoices({ root, button, items }, choices) {
  root.hidden = choices.length === 0;
  const shown = JSON.stringify(choices.map((choice) => choice && [choice.label, choice.isChosen]));
  items.acts = choices.filter(Boolean).map(({ act }) => act);
  if (items.dataset.shown === shown) return;
  items.dataset.shown = shown;
  items.settled_ms = items.matches(":popover-open") ? performance.now() + SETTLED_MS : 0;
  const focused = items.contains(document.activeElement) ? document.activeElement.dataset.act : null;
  let index = 0;
  items.replaceChildren(...choices.map((choice) => (choice === null ? el("hr", { role: "separator" }) : choiceNode(choice, index++, button, items))));
  if (focused === null) return;
  const made = choicesIn(items);
  (made.find(({ dataset }) => dataset.act === focused) ?? made[0] ?? button).focus();
}

function choiceNode({ key = null, label, danger = false, icon: name = null, isChosen = undefined }, index, button, items) {
  const node = el("button", {
    type: "button",
    "data-act": key,
    role: isChosen === undefined ? "menuitem" : "menuitemradio",
    "aria-checked": isChosen === undefined ? null : String(isChosen),
    tabindex: -1,
    class: danger ? "danger" : null,
    onclick: (event) => {
      if (!wasMeant(event, node) || (event.detail > 0 && event.timeStamp < items.settled_ms)) return;
      items.hidePopover();
      button.focus();
      items.acts[index]();
    },
  }, name && icon(name), el("span", {}));
  setText(node.lastChild, label);
  return node;
}

/** The few steps between rows and elements. Text goes in as text only: names and messages come from strangers. */

import { focusIn } from "./focus.js";

/** An element: `on…` functions become listeners, true and false toggle, null is left out, children are text or nodes. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Set text only where it differs, so that nothing is read out or repainted for nothing. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A person's name, set apart so that its direction cannot turn the words around it. */
export function nameNode(name) {
  return el("bdi", { class: "name" }, name);
}

/** A field, by itself or with a button beside it, its label above and, where there is one, a hint below that is read out with it. */
export function field(label, input, hint = null) {
  const named = input.id ? input : input.querySelector("input, select, textarea");
  const hintNode = hint && el("p", { class: "hint", id: `${named.id}-hint` }, hint);
  if (hintNode) named.setAttribute("aria-describedby", hintNode.id);
  return el("div", { class: "field" }, el("label", { for: named.id }, label), input, hintNode);
}

/**
 * Make the children of `container` those of `rows`, in order, keeping the elements that are there: focus, open menus and
 * half-typed text survive. Where the row that had the focus goes, the next one gets it, else `fallback`.
 */
export function syncRows(container, rows, { keyOf, create, update, fallback = null }) {
  const focused = [...container.children].findIndex((node) => node.contains(document.activeElement));
  const known = new Map([...container.children].map((node) => [node.dataset.key, node]));
  const wanted = new Set(rows.map(keyOf));
  for (const [key, node] of known) if (!wanted.has(key)) node.remove();
  let place = container.firstElementChild;
  for (const row of rows) {
    const key = keyOf(row);
    const node = known.get(key) ?? create(row);
    if (node.dataset.key !== key) node.dataset.key = key;
    if (node === place) place = place.nextElementSibling;
    else container.insertBefore(node, place);
    update(node, row);
  }
  if (focused >= 0 && document.activeElement === document.body) {
    const near = container.children[Math.min(focused, container.children.length - 1)];
    if (!focusIn(near)) fallback?.focus();
  }
}

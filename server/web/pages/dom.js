/** The few steps between rows and elements. Text goes in as text only: names and messages come from strangers. */

import { asRefusal } from "./refusal.js";

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
    node.dataset.key = key;
    if (node === place) place = place.nextElementSibling;
    else container.insertBefore(node, place);
    update(node, row);
  }
  if (focused >= 0 && document.activeElement === document.body) {
    const near = container.children[Math.min(focused, container.children.length - 1)]?.querySelector("button, summary");
    (near ?? fallback)?.focus();
  }
}

/** A small menu: a button that shows others below it. Closes on Escape, on a choice and when something else is opened. */
export function menu(label, describedAs) {
  const summary = el("summary", { class: "button small", "aria-label": describedAs }, label);
  const items = el("div", { class: "menu-items" });
  const details = el("details", { class: "menu" }, summary, items);
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    summary.focus();
  });
  details.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !details.contains(relatedTarget)) details.open = false;
  });
  details.addEventListener("toggle", () => {
    const change = details.open ? "addEventListener" : "removeEventListener";
    document[change]("pointerdown", closeOutside);
  });
  const closeOutside = ({ target }) => {
    if (!details.contains(target)) details.open = false;
  };
  return { details, items };
}

/** Put `choices` ({label, act, danger?}) into a menu, unless it shows just these. */
export function setChoices({ details, items }, choices) {
  const labels = choices.map(({ label }) => label).join("\n");
  details.hidden = choices.length === 0;
  if (items.dataset.labels === labels) return;
  items.dataset.labels = labels;
  items.replaceChildren(...choices.map(({ label, act, danger = false }) => el("button", {
    type: "button",
    class: danger ? "danger" : null,
    onclick: () => {
      details.open = false;
      details.querySelector("summary").focus();
      act();
    },
  }, label)));
}

/**
 * Ask before something is done; answers null for no, else the text typed ("" where none is asked for).
 * @param {{heading: string, sentence?: string, field?: string, confirm: string, danger?: boolean}} question
 */
export function ask({ heading, sentence = "", field = null, confirm, danger = false }) {
  return new Promise((resolve) => {
    const input = field && el("textarea", { id: "ask-field", rows: 3, maxlength: 500 });
    const dialog = el("dialog", { "aria-labelledby": "ask-heading" },
      el("h2", { id: "ask-heading" }, heading),
      sentence && el("p", {}, sentence),
      field && el("label", { for: "ask-field" }, field),
      input,
      el("div", { class: "actions" },
        el("button", { type: "button", class: danger ? "danger" : "primary", onclick: () => dialog.close("yes") }, confirm),
        el("button", { type: "button", onclick: () => dialog.close("") }, "Cancel")));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? (input?.value.trim() ?? "") : null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Show a refusal in `place`: what is wrong, what to do next, the code in small print. Null takes it away. */
export function showRefusal(place, refusal) {
  place.hidden = refusal === null;
  place.replaceChildren();
  delete place.dataset.code;
  if (refusal === null) return;
  place.dataset.code = refusal.code;
  place.append(
    el("strong", {}, refusal.message), " ", refusal.nextStep, " ",
    el("small", { class: "code" }, refusal.code));
}

/** Copy to the clipboard; where that is not allowed, select the text so that the keyboard can. Answers whether it did. */
export async function copyFrom(input) {
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    input.focus();
    input.select();
    return document.execCommand("copy");
  }
}

/** Do something that may be refused, and say so in `place`; answers undefined where it was. */
export async function attempt(place, act) {
  showRefusal(place, null);
  try {
    return await act();
  } catch (error) {
    showRefusal(place, asRefusal(error));
    return undefined;
  }
}

/** A place for refusals. */
export function problemPlace() {
  return el("p", { class: "problem", role: "alert", hidden: true });
}

/** A button that runs `act`, once at a time, and shows its refusals in `place`. */
export function actionButton(label, place, act, attributes = {}) {
  const button = el("button", { type: "button", ...attributes, onclick: async () => {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    await attempt(place, act);
    button.removeAttribute("aria-busy");
  } }, label);
  return button;
}

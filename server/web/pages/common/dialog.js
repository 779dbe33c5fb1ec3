/** Dialogs over the page: they hold the focus, close on Escape, and give it back to where it was. */

import { wasMeant } from "./clicking.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { leaveDialog } from "./speaking.js";
import { wordsOf } from "./words.js";

const say = await wordsOf("common");
let made = 0;

/**
 * Open a dialog with a heading and a button that closes it; answers when it is closed.
 * @param {{heading: string, body: (Node | string)[], id?: string, onclose?: () => void}} what
 *   `id`: of such dialogs there is one; another takes the place of one that is open
 * @returns {HTMLDialogElement} already open; it leaves the page when it is closed
 */
export function openDialog({ heading, body, id = null, onclose = () => {} }) {
  if (id !== null) document.querySelector(`dialog#${CSS.escape(id)}`)?.close("");
  const headingId = `dialog-${++made}`;
  const cameFrom = document.activeElement;
  const dialog = el("dialog", { id, "aria-labelledby": headingId },
    el("div", { class: "dialog-body" },
      el("div", { class: "dialog-head" },
        el("h2", { id: headingId, tabindex: -1 }, heading),
        el("button", { type: "button", class: "icon-only", "aria-label": say("close"), onclick: () => dialog.close("") }, icon("close"))),
      ...body.filter(Boolean)));
  dialog.addEventListener("close", () => {
    leaveDialog(dialog);
    dialog.remove();
    onclose();
    if (document.activeElement && document.activeElement !== document.body) return;
    // Whoever went on while the dialog was fetched may have come from nowhere.
    if (cameFrom !== document.body && cameFrom?.isConnected && cameFrom.checkVisibility()) cameFrom.focus();
    else document.querySelector("h1[tabindex]")?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Ask before something is done; answers null for no, else the text typed ("" where none is asked for).
 * @param {{heading: string, sentence?: string, field?: string, confirm: string, danger?: boolean}} question
 */
export function ask({ heading, sentence = "", field = null, confirm, danger = false }) {
  return new Promise((resolve) => {
    const input = field && el("textarea", { id: "ask-field", rows: 3, maxlength: 500 });
    const close = (value) => (event) => { if (wasMeant(event, event.currentTarget)) dialog.close(value); };
    const dialog = openDialog({
      heading,
      body: [
        sentence && el("p", {}, sentence),
        field && el("label", { for: "ask-field" }, field),
        input,
        el("div", { class: "actions" },
          el("button", { type: "button", class: danger ? "danger primary" : "primary", onclick: close("yes") }, confirm),
          el("button", { type: "button", onclick: close("") }, say("cancel"))),
      ],
      onclose: () => resolve(dialog.returnValue === "yes" ? (input?.value.trim() ?? "") : null),
    });
    (input ?? dialog.querySelector(".actions button")).focus();
  });
}

/** A link that is there to be handed on: shown whole, copied by a button, and by the keyboard where the clipboard is refused. */

import { copyFrom } from "../common/acting.js";
import { openDialog } from "../common/dialog.js";
import { el, setText } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { notify } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("common");
const sayInvite = await wordsOf("invite");

/**
 * @param {{id: string, act: string, label?: string}} options `act`: the button's `data-act`
 * @returns {{root: HTMLElement, input: HTMLInputElement, button: HTMLElement, show: (link: string) => void, copy: () => Promise<void>}}
 */
export function linkField({ id, act, label = sayInvite("link.label") }) {
  const input = el("input", { id, class: "link", dir: "ltr", readonly: true, "aria-label": label, onfocus: () => input.select() });
  const status = el("p", { class: "quiet", role: "status" });
  const copy = async () => {
    setText(status, "");
    setText(status, await copyFrom(input) ? say("copied") : say("copy_by_hand"));
  };
  const button = el("button", { type: "button", class: "primary", "data-act": act, onclick: copy }, icon("copy"), say("copy"));
  const root = el("div", { class: "field" }, el("div", { class: "with-button" }, input, button), status);
  const show = (link) => {
    input.value = link;
    setText(status, "");
  };
  return { root, input, button, show, copy };
}

/** Copy `link` at once and say so; where the clipboard is refused, show it, selected, in a dialog. */
export async function copyLink(link, heading) {
  try {
    await navigator.clipboard.writeText(link);
    notify(sayInvite("link.copied"), { key: "copied" });
  } catch {
    showLink(link, heading);
  }
}

function showLink(link, heading) {
  const field = linkField({ id: "copy-link", act: "link.copy" });
  field.show(link);
  openDialog({ heading, body: [el("p", {}, sayInvite("link.by_hand")), field.root] });
  field.input.focus();
}

/** A field to find people by name. */

import { el } from "../common/dom.js";

export function searchField(id, label, onInput) {
  return el("input", {
    id, type: "search", maxlength: 100, placeholder: label, "aria-label": label, autocomplete: "off", spellcheck: "false", oninput: onInput,
  });
}

/** Doing something that may be refused: say so beside it, in the reader's language, and what to do next. */

import { wasMeant } from "./clicking.js";
import { el } from "./dom.js";
import { asRefusal, refusalWords } from "./refusal.js";

/** A place for refusals. */
export function problemPlace() {
  return el("p", { class: "problem", role: "alert", hidden: true });
}

/** Show a refusal in `place`: what is wrong, what to do next, the code in small print. Null takes it away. */
export function showRefusal(place, refusal) {
  place.hidden = refusal === null;
  place.replaceChildren();
  delete place.dataset.code;
  if (refusal === null) return;
  const { message, nextStep } = refusalWords(refusal);
  place.dataset.code = refusal.code;
  place.append(el("strong", {}, message), " ", nextStep, " ", el("small", { class: "code" }, refusal.code));
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

/** A button that runs `act` where a click was meant, once at a time, and shows its refusals in `place`. `label`: text or nodes. */
export function actionButton(label, place, act, attributes = {}) {
  const button = el("button", { type: "button", ...attributes, onclick: async (event) => {
    if (!wasMeant(event, button) || button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    await attempt(place, act);
    button.removeAttribute("aria-busy");
  } }, ...[label].flat());
  return button;
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

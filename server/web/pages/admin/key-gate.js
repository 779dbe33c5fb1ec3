/** The way in: an API key, tried before it is kept. */

import { AdminApi } from "./api.js";
import { attempt, problemPlace, showRefusal } from "../common/acting.js";
import { el, field } from "../common/dom.js";
import { Refused } from "../client/greenroom-client.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("admin");
// What cannot be in a header cannot be a key, and is not sent.
const KEY_CHARS = /^[!-~]+$/;

/**
 * @param {{enter: (api: AdminApi) => void, isOver?: boolean}} options `isOver`: a key that was good opens nothing any more
 * @returns {HTMLElement}
 */
export function keyGate({ enter, isOver = false }) {
  const problem = problemPlace();
  const input = el("input", { id: "key", type: "password", autocomplete: "off", spellcheck: "false", required: true });
  const button = el("button", { type: "submit", class: "primary", "data-act": "admin.enter" }, say("key.enter"));
  const open = async () => {
    const key = input.value.trim();
    if (!KEY_CHARS.test(key)) throw wrongKey();
    const api = new AdminApi(key);
    await api.get("/v1/site").catch((error) => { throw error.code === "api_key_invalid" ? wrongKey() : error; });
    return api;
  };
  const onsubmit = async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    const api = await attempt(problem, open);
    button.removeAttribute("aria-busy");
    input.setAttribute("aria-invalid", String(!api));
    if (!api) return input.select();
    api.keep();
    enter(api);
  };
  if (isOver) showRefusal(problem, new Refused({ code: "api_key_invalid", message: say("key.over"), next_step: say("key.over_next") }));
  return el("section", { class: "card gate", "data-state": "key_entry" },
    el("h1", { tabindex: -1 }, say("key.heading")),
    el("p", {}, say("key.sentence")),
    el("form", { onsubmit }, field(say("key.label"), input, say("key.hint")), problem, button));
}

function wrongKey() {
  return new Refused({ code: "api_key_invalid", message: say("key.wrong"), next_step: say("key.wrong_next") });
}

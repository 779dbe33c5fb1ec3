/** The keys that open this page and the API: made with a name, shown once, deleted; and which keys sign and make links. */

import { actionButton, attempt, copyFrom, problemPlace } from "../common/acting.js";
import { ask } from "../common/dialog.js";
import { el, field, setText } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { announce } from "../common/speaking.js";
import { shortInstant } from "../common/times.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("admin");
const PATH = "/v1/keys";
const MAX_NAME_CHARS = 60;

export async function keysSection(api) {
  const answer = await api.get(PATH);
  const problem = problemPlace();
  const list = el("ul", { class: "rows", "data-list": "keys" });
  const made = el("div", { hidden: true, class: "note stack", "data-made": "key" });
  const show = ({ api_keys }) => list.replaceChildren(...api_keys.map((key) => row(key, problem, () => remove(key))));

  async function remove(key) {
    const yes = await ask({ heading: say("keys.delete_heading", { name: key.name }), sentence: say("keys.delete_sentence"), confirm: say("keys.delete"), danger: true });
    if (yes === null) return;
    await api.delete(`${PATH}/${encodeURIComponent(key.key_id)}`);
    show(await api.get(PATH));
    announce(say("keys.deleted", { name: key.name }));
  }
  const create = async (name) => {
    const key = await api.post(PATH, { name });
    showSecret(made, key);
    show(await api.get(PATH));
  };
  show(answer);
  return el("div", { class: "stack" },
    el("section", { class: "card" },
      el("h1", { tabindex: -1 }, say("keys.heading")),
      el("p", { class: "quiet" }, say("keys.sentence", { count: answer.most })),
      newKey(create), made, problem, list),
    el("section", { class: "card" },
      el("h2", {}, say("rings.heading")),
      el("p", { class: "quiet" }, say("rings.sentence")),
      el("dl", { class: "settings" },
        ...ring("SESSION_KEYS", answer.session_keys), ...ring("LINK_KEYS", answer.link_keys))));
}

function newKey(create) {
  const problem = problemPlace();
  const input = el("input", { id: "key-name", maxlength: MAX_NAME_CHARS, required: true, autocomplete: "off" });
  const button = el("button", { type: "submit", "data-act": "key.create" }, icon("plus"), say("keys.create"));
  const onsubmit = async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-busy")) return; // a second one would be a key that nobody has seen
    button.setAttribute("aria-busy", "true");
    const isMade = await attempt(problem, () => create(input.value.trim()).then(() => true));
    button.removeAttribute("aria-busy");
    if (isMade) input.value = "";
  };
  return el("form", { onsubmit },
    field(say("keys.name"), el("div", { class: "with-button" }, input, button)),
    problem);
}

/** Once: it is nowhere to be read again. */
function showSecret(place, { name, secret }) {
  const input = el("input", { id: "key-secret", class: "code", readonly: true, dir: "ltr", autocomplete: "off", "aria-label": say("keys.secret"), onfocus: () => input.select() });
  input.value = secret ?? ""; // not by its attribute: the page's own text never has it
  const status = el("p", { class: "quiet", role: "status" });
  const heading = el("h2", { tabindex: -1 }, say("keys.made", { name }));
  place.hidden = false;
  place.replaceChildren(heading, el("p", {}, say("keys.once")),
    el("div", { class: "with-button" }, input, el("button", {
      type: "button", class: "primary", "data-act": "key.copy",
      onclick: async () => setText(status, say(await copyFrom(input) ? "copied" : "copy_by_hand")),
    }, icon("copy"), say("copy"))),
    el("div", { class: "actions" }, el("button", {
      type: "button", "data-act": "key.seen",
      onclick: () => {
        place.hidden = true;
        place.replaceChildren();
      },
    }, say("keys.seen"))),
    status);
  heading.focus();
}

function row(key, problem, remove) {
  const used = key.last_used_at_ms === null ? say("keys.never_used") : say("keys.used", { when: shortInstant(key.last_used_at_ms) });
  return el("li", { "data-key-id": key.key_id },
    el("div", { class: "who" },
      el("bdi", { class: "name" }, key.name),
      el("span", { class: "facts" }, key.from_settings
        ? say("keys.from_settings")
        : `${say("keys.since", { when: shortInstant(key.created_at_ms) })} · ${used}`)),
    key.from_settings ? null : actionButton([icon("trash"), say("keys.delete")], problem, remove, { class: "danger", "data-act": "key.delete" }));
}

function ring(name, { signs, verify }) {
  return [el("dt", { class: "code" }, name), el("dd", {}, el("span", { class: "badge live" }, signs), ...verify.filter((each) => each !== signs).flatMap((each) => [" ", el("span", { class: "badge" }, each)]))];
}

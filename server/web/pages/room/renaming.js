/** Taking another name, where the room allows it. */

import { attempt, problemPlace } from "../common/acting.js";
import { openDialog } from "../common/dialog.js";
import { el, field } from "../common/dom.js";
import { notify } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("room");

export function openRenaming(client) {
  const own = client.participant(client.me.participant_id);
  const input = el("input", {
    id: "own-name", required: true, maxlength: 100, autocomplete: "name", spellcheck: "false", dir: "auto",
    value: own?.name ?? client.me.name ?? "",
  });
  const problem = problemPlace();
  const submit = async (event) => {
    event.preventDefault();
    if (!input.value.trim()) return;
    const answer = await attempt(problem, () => client.command("person.rename", { name: input.value.trim() }));
    if (!answer) return;
    dialog.close("");
    notify(say("rename.done", { name: answer.name }), { key: "rename" });
  };
  const dialog = openDialog({
    heading: say("rename.heading"),
    id: "renaming",
    body: [el("form", { onsubmit: submit }, field(say("rename.field"), input, say("rename.hint")), problem, el("div", { class: "actions" },
      el("button", { type: "submit", class: "primary", "data-act": "person.rename.save" }, say("rename.confirm"))))],
  });
  input.select();
  input.focus();
}

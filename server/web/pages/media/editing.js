/** What a manager changes of a room from its page: what is announced. The rest is in the room's own settings. */

import { attempt, problemPlace } from "../common/acting.js";
import { openDialog } from "../common/dialog.js";
import { el, field } from "../common/dom.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("media");
const ACCESS = ["members", "channel_members", "invited"];
const OPENS = ["at_start", "by_host"];

/** @param {import("./manager.js").Manager} manager @param {() => void} onSaved */
export function openEditing(manager, onSaved) {
  const { room } = manager;
  const choice = (id, values, value) => el("select", { id }, ...values.map((each) => el("option", { value: each, selected: each === value }, say(`${id}.${each}`))));
  const title = el("input", { id: "media-title", required: true, maxlength: 200, dir: "auto", value: room.title });
  const description = el("textarea", { id: "media-description", rows: 4, maxlength: 2_000, dir: "auto" }, room.description ?? "");
  const start = el("input", { id: "media-start", type: "datetime-local", step: 1, value: localTime(room.starts_at_ms) });
  const opens = choice("opens", OPENS, room.opens);
  const access = choice("access", ACCESS.filter((each) => each !== "channel_members" || room.kind === "channel"), room.access);
  const problem = problemPlace();
  const before = { start: start.value };
  const changes = () => ({
    ...changed("title", title.value.trim(), room.title),
    ...changed("description", description.value.trim() || null, room.description),
    ...(start.value === before.start ? {} : { starts_at_ms: start.value ? new Date(start.value).getTime() : null }),
    ...changed("opens", opens.value, room.opens),
    ...changed("access", access.value, room.access),
  });
  const save = async (event) => {
    event.preventDefault();
    const wanted = changes();
    if (Object.keys(wanted).length > 0 && await attempt(problem, () => manager.command("room.edit", wanted)) === undefined) return;
    dialog.close();
    onSaved();
  };
  const isScheduled = room.phase === "scheduled";
  const form = el("form", { id: "media-edit", onsubmit: save },
    field(say("edit.title"), title),
    field(say("edit.description"), description),
    isScheduled && field(say("edit.start"), start, say("edit.start.hint")),
    isScheduled && field(say("edit.opens"), opens),
    field(say("edit.access"), access),
    problem,
    el("div", { class: "actions" }, el("button", { type: "submit", class: "primary", "data-act": "room.edit" }, say("edit.save"))));
  const dialog = openDialog({ heading: say("edit"), body: [form], id: "edit-dialog" });
  title.focus();
  return dialog;
}

function changed(name, value, was) {
  return value === was ? {} : { [name]: value };
}

/** An instant as `datetime-local` has it: in the reader's own zone, to the second. */
function localTime(at_ms) {
  if (at_ms === null) return "";
  return new Date(at_ms - new Date(at_ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

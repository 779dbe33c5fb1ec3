/** The menu beside "All participants": what concerns everybody at once. */

import { attempt } from "../common/acting.js";
import { menu, setChoices } from "../common/menu.js";
import { asRefusal } from "../common/refusal.js";
import { downloadAs, saveFile } from "../common/session-http.js";
import { notify } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";
import { mayInvite, mayOpenGuestLinks } from "../invite/may-invite.js";
import { admit } from "./admitting.js";
import { peopleTable } from "./people-table.js";

const say = await wordsOf("people");

/** The menu of a `<greenroom-participants>`; `update` offers what may be done now. */
export function roomMenu(people) {
  const made = menu(null, say("all.menu"));
  const update = () => setChoices(made, choicesOf(people.client, people.problem));
  return { ...made, update };
}

function choicesOf(client, problem) {
  const { room } = client;
  const run = (type) => () => attempt(problem, () => client.command(type));
  const may = (permission) => client.may(permission);
  const parts = [
    [
      mayInvite(client) && choice("invite.open", "invite", () => openInviting(client, problem)),
      mayOpenGuestLinks(client) && choice("guest_links.open", "link", () => openLinks(client, problem)),
    ],
    [
      may("lock") && (room.locked ? choice("room.unlock", "unlock", run("room.unlock")) : choice("room.lock", "lock", run("room.lock"))),
      may("admit") && client.waiterCount > 0 && choice("lobby.admit_all", "door", () => attempt(problem, () => admit(client))),
      may("clear_hands") && areHandsUp(client) && choice("hands.clear", "hand", run("hands.clear")),
    ],
    [may("change_roles") && choice("people.export", "download", () => attempt(problem, () => exportPeople(client)))],
  ].map((part) => part.filter(Boolean)).filter((part) => part.length);
  return parts.flatMap((part, index) => (index ? [null, ...part] : part));
}

function areHandsUp({ isLarge, hands, participants }) {
  return isLarge ? Boolean(hands?.total) : participants.some(({ hand_raised_at_ms }) => hand_raised_at_ms !== null);
}

function choice(key, icon, act) {
  return { key, icon, label: say(key), act };
}

/** The dialog to invite somebody; it comes with its own part of the pages, when it is first wanted. */
export function openInviting(client, problem) {
  return attempt(problem, async () => (await import("../invite/invite-dialog.js")).openInviteDialog(client));
}

function openLinks(client, problem) {
  return attempt(problem, async () => (await import("../invite/guest-links.js")).openGuestLinks(client));
}

// A token that is bound to a device's key opens nothing over HTTP: such a host gets the same table over the websocket.
async function exportPeople(client) {
  const fileName = `participants-${client.room.room_id}.csv`;
  try {
    await downloadAs(client, "participants.csv", fileName);
  } catch (error) {
    if (asRefusal(error).code !== "token_bound") throw error;
    saveFile(new Blob([await peopleTable(client)], { type: "text/csv;charset=utf-8" }), fileName);
  }
  notify(say("people.exported"), { key: "people" });
}

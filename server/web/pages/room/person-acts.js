/** What may be done to somebody in the room, as choices of their menu; dangerous things ask first. */

import { attempt } from "../common/acting.js";
import { ask } from "../common/dialog.js";
import { GRANTABLE, makeRoleWords } from "../common/roles.js";
import { notify } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";
import { openRenaming } from "./renaming.js";

const say = await wordsOf("people");

/** The keys of what `me` may do to this person; pure. Null is a rule between two parts. */
export function actsFor({ may, ownId, canRename }, { participant_id, role, hand_raised_at_ms }) {
  const isSelf = participant_id === ownId;
  const isManager = role === "manager";
  const acts = [];
  if (isSelf && canRename) acts.push("person.rename");
  if (may("change_roles") && !isManager) acts.push(...GRANTABLE.filter((each) => each !== role).map((each) => `role.${each}`));
  if (hand_raised_at_ms !== null && (isSelf || may("clear_hands"))) acts.push("hand.lower");
  if (isSelf || isManager) return acts;
  const out = [may("remove") && "lobby.send_back", may("remove") && "participant.remove", may("ban") && "participant.ban"].filter(Boolean);
  return out.length && acts.length ? [...acts, null, ...out] : [...acts, ...out];
}

const DANGEROUS = new Set(["participant.remove", "participant.ban"]);

/** The choices of somebody's menu. `problem`: where a refusal is said. */
export function choicesFor(client, person, problem) {
  const who = { may: (permission) => client.may(permission), ownId: client.me.participant_id, canRename: client.room.rename };
  return actsFor(who, person).map((key) => key && {
    key,
    label: key.startsWith("role.") ? makeRoleWords(key.slice(5)) : say(key),
    danger: DANGEROUS.has(key),
    act: () => perform(client, person, key, problem),
  });
}

async function perform(client, person, key, problem) {
  const { participant_id, name } = person;
  if (key === "person.rename") return openRenaming(client);
  if (!await isMeant(client, person, key)) return;
  const isRole = key.startsWith("role.");
  const fields = isRole ? { participant_id, role: key.slice(5) } : { participant_id };
  const answer = await attempt(problem, () => client.command(isRole ? "role.change" : key, fields));
  if (answer && say.has(`${key}.done`)) notify(say(`${key}.done`, { name }), { key: "people" });
}

// Whoever gives up their own rights, or puts somebody out, is asked.
async function isMeant(client, { participant_id, name }, key) {
  const isOwnRole = key.startsWith("role.") && participant_id === client.me.participant_id;
  if (!isOwnRole && !DANGEROUS.has(key)) return true;
  const question = isOwnRole ? "own_role" : key;
  const answer = await ask({
    heading: say(`${question}.ask`, { name }), sentence: say(`${question}.sentence`), confirm: say(`${question}.confirm`), danger: true,
  });
  return answer !== null;
}

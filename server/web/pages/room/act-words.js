/** One act of the audit as a sentence: who did what to whom. */

import { roleWithArticle } from "../common/roles.js";
import { locale, wordsOf } from "../common/words.js";

const say = await wordsOf("activity");
const NAMED = 3;
const lists = new Intl.ListFormat(locale, { type: "conjunction" });

/** The sentence of an entry of `GET /v1/rooms/{id}/audit`; what is not known here is told by its name. */
export function actWords(entry) {
  const { name, details, actor } = entry;
  const what = details.what ?? (details.ban ? "ban" : null);
  const keys = [what && `${name}.${what}`, name].filter(Boolean);
  const key = keys.find((each) => say.has(each)) ?? "other";
  return say(key, {
    actor: actor.name ?? say(actor.kind === "person" ? "actor.gone" : "actor.service"),
    targets: targetsOf(entry),
    role: details.new ? roleWithArticle(details.new) : "",
    what: [name, what].filter(Boolean).join(" ").replaceAll("_", " "),
  });
}

function targetsOf({ targets, more_targets, name }) {
  const wanted = targets.filter(({ kind }) => kind !== "room");
  const isOfLinks = name === "invitation_changed" || name === "guest_link_changed";
  const kinds = isOfLinks ? ["invitation", "guest_link", "person"] : ["person", "invitation", "guest_link"];
  const kind = kinds.find((each) => wanted.some((target) => target.kind === each));
  const named = wanted.filter((target) => target.kind === kind);
  const more = Math.max(0, named.length - NAMED) + more_targets;
  const names = named.slice(0, NAMED).map((target) => target.name ?? say("somebody"));
  if (names.length === 0) return say("somebody");
  return lists.format(more > 0 ? [...names, say("others", { count: more })] : names);
}

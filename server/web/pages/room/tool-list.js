/** What somebody may do in the room, as tools to show and as a sentence. Pure: from a role and its permissions. */

import { roleWithArticle } from "../common/roles.js";
import { locale, wordsOf } from "../common/words.js";

const say = await wordsOf("room");

/** What a room product would put on the stage: a picture, and when it is there. In the order of every day. */
const TOOLS = [
  ["chat", "chat"],
  ["ask_questions", "question"],
  ["answer_interactions", "poll"],
  ["backchannel", "people"],
  ["speak", "stage"],
  ["initiate_interactions", "plus"],
];
const SPEAKING_ROLES = new Set(["speaker", "moderator", "manager"]);
const NAMED_IN_A_SENTENCE = 4;
/** What a new role brings, the most welcome first; more than a few of them nobody listens to. */
const NEWS_ORDER = [
  "speak", "backchannel", "initiate_interactions", "admit", "lock", "change_roles", "remove", "invite", "manage_invitations", "edit_room",
  "chat", "ask_questions", "answer_interactions", "raise_hand",
];
const lists = new Intl.ListFormat(locale, { type: "conjunction" });

/** The tools of this role, in order: `{key, icon}`; the words are `tool.<key>`. */
export function toolsOf(role, permissions) {
  const may = abilities(role, permissions);
  return TOOLS.filter(([key]) => may.has(key)).map(([key, icon]) => ({ key, icon, words: say(`tool.${key}`) }));
}

/** "You are now a speaker: you can speak on stage and use the backchannel." */
export function promotionWords(from, to, permissions, before = null) {
  const had = abilities(from, before ?? OWN[from] ?? []);
  const has = abilities(to, permissions);
  const news = NEWS_ORDER.filter((each) => has.has(each) && !had.has(each)).slice(0, NAMED_IN_A_SENTENCE);
  const role = roleWithArticle(to);
  if (news.length === 0) return say("role.other", { role });
  return say("role.more", { role, abilities: lists.format(news.map((each) => say(`can.${each}`))) });
}

// Speaking on the stage is the role's own, and no permission of the service: the room product's grant says the rest.
function abilities(role, permissions) {
  return new Set([...permissions, ...(SPEAKING_ROLES.has(role) ? ["speak"] : [])]);
}

const VIEWER = ["chat", "answer_interactions", "ask_questions", "raise_hand"];
const SPEAKER = [...VIEWER, "backchannel"];
const MODERATOR = [...SPEAKER, "initiate_interactions", "admit", "lock", "change_roles", "remove"];
/** What is told at a change is what the roles differ in, whatever a room's switches had widened. */
const OWN = { viewer: VIEWER, speaker: SPEAKER, moderator: MODERATOR, manager: MODERATOR };

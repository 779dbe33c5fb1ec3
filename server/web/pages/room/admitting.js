/** Letting in from the line, and telling a host when there was no seat for some. */

import { notify } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("line");

/** Let these in, or with null everybody who waits. Throws Refused. */
export async function admit(client, participant_ids = null) {
  const { full } = participant_ids === null
    ? await client.command("lobby.admit_all")
    : await client.command("lobby.admit", { participant_ids });
  const left = Array.isArray(full) ? full.length : full;
  if (left) notify(say("left_out", { count: left }), { key: "admitted" });
}

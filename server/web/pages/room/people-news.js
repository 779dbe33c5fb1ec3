/** Who came and went, told to ears: many at once in one sentence every few seconds, and not at all in a crowd. */

import { announce } from "../common/speaking.js";
import { locale, wordsOf } from "../common/words.js";

const say = await wordsOf("room");
const PAUSE_MS = 5_000;
const MAX_PEOPLE = 60;
const NAMED = 3;
const GONE = new Set(["left", "removed", "banned", "sent_back"]);
const lists = new Intl.ListFormat(locale, { type: "conjunction" });

export class PeopleNews {
  #client;
  #came = new Map();
  #went = new Map();
  #timer = null;
  #pause_ms;
  #say;
  #stops;

  constructor(client, { pause_ms = PAUSE_MS, tell = announce } = {}) {
    this.#client = client;
    this.#pause_ms = pause_ms;
    this.#say = tell;
    this.#stops = [
      client.on("participantJoined", (detail) => { if (detail.reason === null) this.#note(detail, this.#came, this.#went); }),
      client.on("participantLeft", (detail) => { if (GONE.has(detail.reason)) this.#note(detail, this.#went, this.#came); }),
    ];
  }

  // Other rows come and go because this tab sees more or less than before: nobody came or went.
  #note({ participant: { participant_id, name }, by }, here, there) {
    const ownId = this.#client.me?.participant_id;
    if (by === ownId || participant_id === ownId) return;
    if (!there.delete(participant_id)) here.set(participant_id, name);
    this.#timer ??= setTimeout(() => this.#tell(), this.#pause_ms);
  }

  #tell() {
    this.#timer = null;
    const [came, went] = [this.#came, this.#went].map((people) => [...people.values()]);
    this.#came.clear();
    this.#went.clear();
    const { isLarge, participants, place } = this.#client;
    if (place !== "inside" || isLarge || participants.length > MAX_PEOPLE) return;
    const text = [sentence("joined", came), sentence("left", went)].filter(Boolean).join(" ");
    if (text) this.#say(text);
  }

  stop() {
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
  }
}

function sentence(what, names) {
  if (names.length === 0) return "";
  if (names.length > NAMED) return say(`news.${what}_many`, { count: names.length });
  return say(`news.${what}`, { count: names.length, names: lists.format(names) });
}

/** "Would this address get in?", said below the field before anybody asks. It is a help: where it cannot be told, nothing is. */

import { setText } from "../common/dom.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("invite");
const PAUSE_MS = 400;
const UNCLAIMED = new Set(["created", "opened"]);
const WITHDRAWN = new Set(["revoked", "replaced"]);
const LIKE_AN_ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export function looksLikeAddress(text) {
  return LIKE_AN_ADDRESS.test(text.trim());
}

export class AddressHint {
  #asked = 0;
  #timer = null;

  /** @param {HTMLInputElement} input @param {HTMLElement} hint where it is said @param {string} otherwise what stands there else */
  constructor(client, input, hint, otherwise) {
    this.client = client;
    this.input = input;
    this.hint = hint;
    this.otherwise = otherwise;
    input.addEventListener("input", () => this.later());
    input.addEventListener("blur", () => this.#ask());
  }

  later() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#say(this.otherwise, "");
    this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
  }

  async #ask() {
    clearTimeout(this.#timer);
    const email = this.input.value.trim();
    if (!looksLikeAddress(email)) return;
    const asked = ++this.#asked;
    const answer = this.client.may("manage_invitations")
      ? await this.client.command("domain.check", { email }).catch(() => null)
      : null;
    if (asked !== this.#asked) return;
    if (answer && !answer.allowed) this.#say(blockedWords(answer.decided_by, email), "warn");
    else this.#say(knownWords(this.client.invitations, email) ?? this.otherwise, "");
  }

  #say(words, tone) {
    setText(this.hint, words);
    this.hint.dataset.tone = tone;
  }
}

function blockedWords({ scope, list }, email) {
  const domain = email.slice(email.lastIndexOf("@") + 1);
  return say(`hint.${list === "blocked" ? "blocked" : "not_allowed"}.${scope}`, { domain });
}

function knownWords(invitations, email) {
  const address = email.toLowerCase();
  const known = invitations?.find((invitation) => invitation.email === address && !WITHDRAWN.has(invitation.status));
  if (!known) return null;
  return say(UNCLAIMED.has(known.status) ? "hint.unclaimed" : "hint.known");
}

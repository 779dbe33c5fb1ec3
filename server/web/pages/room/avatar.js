/** The round mark before a name: its first letters. Decoration: the name stands beside it. */

import { el } from "../common/dom.js";

const TINTS = 4;
const WORDS = /[\p{L}\p{N}]+/gu;
const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function avatar(name, id) {
  return el("span", { class: `avatar tint-${tintOf(id)}`, "aria-hidden": true }, initials(name));
}

/** "GH" of "Grace Hopper"; nothing but letters and digits, whatever else a name holds; "·" where it has none. */
export function initials(name) {
  const words = name.match(WORDS) ?? [];
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words;
  return picked.map((word) => [...letters.segment(word)][0].segment).join("").toLocaleUpperCase().slice(0, 4) || "·";
}

// The same person has the same tint everywhere.
function tintOf(id) {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return sum % TINTS;
}

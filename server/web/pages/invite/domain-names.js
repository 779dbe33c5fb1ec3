/** Lists of e-mail domains as they are typed, and what they come to where somebody else has changed them meanwhile. */

/** One a line, or with commas between, with an @ in front or not; in small letters, as they are kept. */
export function namesIn(text) {
  return text.split(/[\s,;]+/).map((name) => name.replace(/^@/, "").replace(/\.$/, "").toLowerCase()).filter(Boolean);
}

/** The newest list with what was changed from `before` to `wanted`, and nothing else: what others did stays done. */
export function rebased(newest, { before, wanted }) {
  const kept = newest.filter((name) => wanted.includes(name) || !before.includes(name));
  const added = wanted.filter((name) => !before.includes(name) && !newest.includes(name));
  return [...kept, ...added];
}

/**
 * What the page says, in the reader's language. The sentences stand in `words/<language>/<area>.js`: a string, or an object by
 * plural category (CLDR: zero, one, two, few, many, other) chosen by `count`. `{name}` is filled in, and set apart so that
 * its direction cannot turn the words around it.
 */

export const LANGUAGES = { en: "English", de: "Deutsch", ar: "العربية" };
const RIGHT_TO_LEFT = new Set(["ar"]);
const CHOSEN = "greenroom.language";
const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

export const language = pickLanguage();
/** For dates and numbers: the reader's own variant of the language, where their browser names one. */
export const locale = wished().find((each) => baseOf(each) === language) ?? language;
const plurals = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);

document.documentElement.lang = language;
document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";

function pickLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  return [asked, ...wished()].map(baseOf).find((each) => Object.hasOwn(LANGUAGES, each ?? "")) ?? "en";
}

function wished() {
  return [chosen(), document.documentElement.dataset.language, ...navigator.languages ?? []].filter(Boolean);
}

function baseOf(tag) {
  return tag?.split("-")[0].toLowerCase();
}

function chosen() {
  try {
    return localStorage.getItem(CHOSEN);
  } catch {
    return null;
  }
}

/** Speak `wanted` from now on, on this device; the page starts again in it. What the address asked for is answered by that. */
export function chooseLanguage(wanted) {
  const address = new URL(location.href);
  try {
    localStorage.setItem(CHOSEN, wanted);
    address.searchParams.delete("lang");
  } catch {
    address.searchParams.set("lang", wanted); // nothing is kept here but the address
  }
  history.replaceState(null, "", address);
  location.reload();
}

/**
 * The sentences of an area: `const say = await wordsOf("people")`, then `say("heading", { count: 3 })`.
 * A sentence that is missing is shown by its name: the tests find it before a reader does.
 */
export async function wordsOf(area) {
  const { default: sentences } = await import(`../words/${language}/${area}.js`);
  const say = (key, values = {}) => fill(formOf(sentences[key] ?? key, values.count), values);
  say.has = (key) => Object.hasOwn(sentences, key);
  return say;
}

function formOf(sentence, count) {
  if (typeof sentence === "string") return sentence;
  return sentence[plurals.select(count)] ?? sentence.other;
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined || value === null) return whole;
    return typeof value === "number" ? numbers.format(value) : `${FIRST_STRONG_ISOLATE}${value}${POP_ISOLATE}`;
  });
}

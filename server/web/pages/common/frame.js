/** What stands around every page: the bar with the site's name or logo and the choice of language, and the main part. */

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { menu, setChoices } from "./menu.js";
import { LANGUAGES, chooseLanguage, language, wordsOf } from "./words.js";

const say = await wordsOf("common");
const site = document.documentElement.dataset;

export const siteName = site.siteName || "Greenroom";

/**
 * Put the frame into `root`.
 * @param {HTMLElement} root
 * @param {{start?: Node[], end?: Node[], above?: Node[]}} more beside the name, at the end of the bar, between bar and main
 * @returns {{bar: HTMLElement, main: HTMLElement}}
 */
export function buildFrame(root, { start = [], end = [], above = [] } = {}) {
  const bar = el("header", { class: "bar" }, brand(), ...start, el("span", { class: "push" }), ...end, languageMenu());
  const main = el("main", { id: "main" });
  root.replaceChildren(bar, ...above, main);
  return { bar, main };
}

function brand() {
  const mark = site.siteLogo ? el("img", { src: site.siteLogo, alt: siteName }) : siteName;
  return el("span", { class: "brand" }, mark);
}

function languageMenu() {
  const choice = menu(null, say("language"));
  choice.button.replaceChildren(icon("globe"));
  choice.root.classList.add("languages");
  setChoices(choice, Object.entries(LANGUAGES).map(([tag, name]) => ({
    key: `language.${tag}`, label: name, isChosen: tag === language, act: () => chooseLanguage(tag),
  })));
  return choice.root;
}

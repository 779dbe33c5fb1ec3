/** How the pages look: settings, so that they are only shown here, on a small piece of a page. */

import { request } from "../client/greenroom-http.js";
import { el } from "../common/dom.js";
import { wordsOf } from "../common/words.js";

const say = await wordsOf("admin");

export async function lookSection() {
  const look = await request("GET", "/brand/look.json");
  const css = getComputedStyle(document.documentElement);
  const colours = [
    ["SITE_ACCENT", css.getPropertyValue("--brand-accent").trim()],
    ["SITE_ACCENT_DARK", css.getPropertyValue("--brand-accent-dark").trim()],
  ];
  return el("section", { class: "card" },
    el("h1", { tabindex: -1 }, say("look.heading")),
    el("p", { class: "quiet" }, say("look.sentence")),
    preview(look),
    el("dl", { class: "settings" },
      ...setting("SITE_NAME", look.name),
      ...setting("SITE_LOGO", look.has_logo ? say("look.there") : ""),
      ...colours.flatMap(([name, colour]) => setting(name, colour ? swatch(colour) : "")),
      ...setting("SITE_WELCOME", look.welcome),
      ...setting("SITE_LANGUAGE", look.language || say("look.of_the_browser")),
      ...setting("ALLOWED_EMBEDDERS", look.embedders.join(", "))));
}

/** What an invitee sees of it, with nothing to press. */
function preview(look) {
  return el("figure", { class: "look-preview", inert: true, "data-preview": "look" },
    el("div", { class: "bar" }, el("span", { class: "brand" }, look.logo_url ? el("img", { src: look.logo_url, alt: "" }) : look.name)),
    el("div", { class: "card" },
      el("h2", {}, say("look.sample_heading")),
      el("p", { class: "quiet" }, look.welcome || say("look.sample_welcome")),
      el("div", { class: "actions" },
        el("button", { type: "button", class: "primary" }, say("look.sample_button")),
        el("span", { class: "badge live" }, say("look.sample_badge")))));
}

function setting(name, value) {
  return [el("dt", { class: "code" }, name), el("dd", {}, value === "" ? el("span", { class: "quiet" }, say("look.not_set")) : value)];
}

function swatch(colour) {
  const sample = el("span", { class: "swatch", "aria-hidden": "true" });
  sample.style.background = colour;
  return el("span", { class: "with-swatch" }, sample, colour);
}

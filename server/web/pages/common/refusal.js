/** Refusals on a page: what was caught, and its words in the reader's language. */

import { Refused } from "../client/greenroom-client.js";
import { wordsOf } from "./words.js";

const say = await wordsOf("refusals");

/** What was caught, as a refusal: a mistake of ours becomes `page_error`, and is logged whole. */
export function asRefusal(error) {
  if (error instanceof Refused) return error;
  console.error(error);
  return new Refused({ code: "page_error", message: "Something went wrong on this page.", next_step: "Load it again." });
}

/** What happened and what to do next: in the reader's language where its code is known there, else as the server says it. */
export function refusalWords({ code, message, nextStep }) {
  if (!say.has(code)) return { message, nextStep };
  return { message: say(code), nextStep: say.has(`${code}.next`) ? say(`${code}.next`) : "" };
}

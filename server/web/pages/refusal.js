/** What the pages make of a mistake of their own. */

import { Refused } from "./greenroom-client.js";

/** What was caught, as a refusal: a mistake of ours becomes `page_error`, and is logged whole. */
export function asRefusal(error) {
  if (error instanceof Refused) return error;
  console.error(error);
  return new Refused({
    code: "page_error",
    message: "Something went wrong on this page.",
    next_step: "Load it again.",
  });
}

/** Who the site, or the demo in its place, has signed in on this tab: the token of it, and another one where it has run out. */

import { Refused } from "../client/greenroom-client.js";
import { demoSignIn } from "../home/demo.js";
import { DEMO_PERSON, SITE_TOKEN, loadText, saveText } from "./saved.js";

/** Whether a sign-in has run out, or never was one. */
export const isOver = ({ code }) => code === "token_expired" || code === "token_invalid";

/** `#as=maya` names a person of the demo; another one than before needs another sign-in. Beside a real site no address signs out. */
export function takeDemoPerson() {
  if (!document.documentElement.dataset.demo) return;
  const person = new URLSearchParams(location.hash.slice(1)).get("as");
  if (!person || person === loadText(DEMO_PERSON)) return;
  saveText(DEMO_PERSON, person);
  saveText(SITE_TOKEN, null);
}

/**
 * Call with the site's token; once more with a new one where the demo can give it.
 * @template Answer
 * @param {(siteToken: string) => Promise<Answer>} call
 * @throws {Refused} `not_signed_in`: there is none
 */
export async function withSiteToken(call) {
  const siteToken = loadText(SITE_TOKEN) ?? await newSiteToken();
  try {
    return await call(siteToken);
  } catch (error) {
    if (!isOver(error) || !loadText(DEMO_PERSON)) throw error;
    return call(await newSiteToken());
  }
}

async function newSiteToken() {
  const person = loadText(DEMO_PERSON);
  if (!person) throw notSignedIn();
  try {
    const siteToken = await demoSignIn(person);
    saveText(SITE_TOKEN, siteToken);
    return siteToken;
  } catch (error) {
    throw error.status === 404 ? notSignedIn() : error;
  }
}

function notSignedIn() {
  return new Refused({
    code: "not_signed_in",
    message: "You are not signed in",
    next_step: "This site signs people in itself: open the room from there.",
  });
}

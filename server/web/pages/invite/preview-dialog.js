/** What the invitee's link would show now, for a manager: nothing is used up, and nothing can be pressed. */

import { openDialog } from "../common/dialog.js";
import { el } from "../common/dom.js";
import { askAs } from "../common/session-http.js";
import { Tabs } from "../common/tabs.js";
import { wordsOf } from "../common/words.js";
import { LobbyCard } from "../lobby/card.js";

const say = await wordsOf("invitations");

/** Open the preview of one invitation: what its device shows, page after page, and what any other would. Throws Refused. */
export async function openPreview(client, { invitation_id, first_name, last_name }) {
  const ask = (device) => askAs(client, "GET", `invitations/${encodeURIComponent(invitation_id)}/preview?device=${device}`);
  const [own, other] = await Promise.all([ask("own"), ask("other")]);
  if (!client.may("manage_invitations")) return; // not any more
  const steps = [...stepsOf(own), { key: "other", known: stepsOf(other)[0].known }];
  const clock = { now_ms: () => client.now() };
  const sides = steps.map(({ key, known }) => ({ key, known, label: say(`preview.${key}`), panel: el("div", { class: "preview", id: `preview-${key}` }) }));
  // One card at a time: its fields have ids of their own.
  const show = (chosen) => {
    for (const { key, known, panel } of sides) panel.replaceChildren(...(key === chosen ? [page(known, clock)] : []));
  };
  const tabs = new Tabs(say("preview.steps"), sides, { onChoose: show });
  openDialog({
    heading: say("preview.heading", { name: `${first_name} ${last_name}`.trim() }),
    body: [el("p", { class: "quiet" }, say("preview.means")), tabs.list, ...sides.map(({ panel }) => panel)],
    id: "preview-dialog",
  });
}

/** What the page would know, step by step; null: they are in the room. */
function stepsOf({ refusal, look, before, claim_refusal, inside, after }) {
  if (refusal) return [{ key: "opened", known: { ended: asKnown(refusal) } }];
  const proven = claim_refusal ? { look, ended: asKnown(claim_refusal) } : inside ? null : { look, lobby: after };
  const steps = before ? [{ key: "opened", known: { look, lobby: before } }] : [];
  if (claim_refusal || inside || after) steps.push({ key: before ? "proven" : "opened", known: proven });
  return steps;
}

function asKnown({ code, message, next_step, retry_after_ms }) {
  return { code, message, nextStep: next_step, retryAfterMs: retry_after_ms };
}

function page(known, clock) {
  if (known === null) return el("p", { class: "note", "data-state": "inside" }, say("preview.inside"));
  const card = new LobbyCard({ clock, isPreview: true });
  card.show(known);
  return el("article", {}, card); // within which its header is none of the whole page
}

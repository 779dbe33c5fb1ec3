/** Inviting: one person with a form and a link, or many from a file. Whoever opens it gives anything that takes commands. */

import { openDialog } from "../common/dialog.js";
import { el } from "../common/dom.js";
import { Tabs } from "../common/tabs.js";
import { wordsOf } from "../common/words.js";
import { BulkForm } from "./bulk-form.js";
import { InviteForm } from "./invite-form.js";
import { LinkStep } from "./link-step.js";

const say = await wordsOf("invite");

/**
 * Open the dialog.
 * @param {{command: Function, may: Function, features: object, invitations?: object[] | null}} client a RoomClient, or what acts like one
 * @param {{many?: boolean, onInvited?: (made: object) => void}} options `many`: at the side for files
 * @returns {HTMLDialogElement}
 */
export function openInviteDialog(client, { many = false, onInvited = () => {} } = {}) {
  const link = new LinkStep({ onAgain: () => again(), onDone: () => dialog.close() });
  const form = new InviteForm(client, { onMade: (made) => { onInvited(made); showLink(made); } });
  const bulk = new BulkForm(client, { onDone: () => dialog.close() });
  const one = el("div", { id: "invite-one", class: "stack" }, form.root, link.root);
  const several = el("div", { id: "invite-many" }, bulk.root);
  const sides = new Tabs(say("sides"), [
    { key: "one", label: say("one"), panel: one },
    { key: "many", label: say("many"), panel: several },
  ]);
  if (many) sides.choose("many");
  const dialog = openDialog({ heading: say("heading"), body: [sides.list, one, several], id: "invite-dialog", onclose: () => bulk.stop() });
  const again = () => {
    link.hide();
    form.root.hidden = false;
    form.again();
  };
  const showLink = (made) => {
    form.root.hidden = true;
    const known = client.invitations?.find(({ invitation_id }) => invitation_id === made.invitation_id);
    link.show({
      name: `${made.first_name} ${made.last_name}`,
      email: made.email,
      role: made.role,
      link: made.link,
      isReplacing: made.replaced !== null,
      isMailed: made.send_email,
      link_devices: known?.link_devices ?? null,
    });
  };
  if (!many) form.focus();
  return dialog;
}

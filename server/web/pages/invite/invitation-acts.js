/** What a manager can do with one invitation, as the choices of its menu; what cannot be done is left out. */

import { wasMeant } from "../common/clicking.js";
import { openDialog } from "../common/dialog.js";
import { el } from "../common/dom.js";
import { GRANTABLE, makeRoleWords } from "../common/roles.js";
import { notify } from "../common/speaking.js";
import { shortInstant } from "../common/times.js";
import { wordsOf } from "../common/words.js";
import { copyLink } from "./copying.js";
import { nameOf } from "./invitation-row.js";
import { mayMail } from "./may-invite.js";
import { openPreview } from "./preview-dialog.js";
import { isWithdrawn } from "./stages.js";

const say = await wordsOf("invitations");
const sayCommon = await wordsOf("common");
const INSIDE = new Set(["in_lobby", "inside"]);

export class InvitationActs {
  #client;
  #attempt;

  /** @param {(act: () => Promise<unknown>) => Promise<unknown>} attempt shows what is refused */
  constructor(client, attempt) {
    this.#client = client;
    this.#attempt = attempt;
  }

  #does(command, fields, told) {
    return () => this.#attempt(async () => {
      const answer = await this.#client.command(command, fields);
      if (told) notify(told(answer), { key: command });
    });
  }

  /** @param {boolean} isAwaited whether they are expected and have not been here yet */
  choicesFor(invitation, isAwaited) {
    if (isWithdrawn(invitation) || !this.#client.may("manage_invitations")) return [];
    const { invitation_id, role } = invitation;
    const id = { invitation_id };
    const name = nameOf(invitation);
    const asked = this.#client.deviceRequests?.find((request) => request.invitation_id === invitation_id);
    const choice = (key, label, act, more = {}) => ({ key, label, act, ...more });
    return [
      ...(asked ? this.#deviceChoices(asked) : []),
      choice("invitation.copy", say("copy"), () => this.#attempt(() => this.#copy(invitation)), { icon: "copy" }),
      mayMail(this.#client) && choice("invitation.send", say("send"), this.#does("invitation.send", id, () => say("sent", { name })), { icon: "mail" }),
      isAwaited && choice("invitation.extend", say("extend"),
        this.#does("invitation.extend", id, ({ expires_at_ms }) => say("extended", { time: shortInstant(expires_at_ms) })), { icon: "clock" }),
      choice("invitation.preview", say("preview"), () => this.#attempt(() => openPreview(this.#client, invitation)), { icon: "eye" }),
      null,
      ...GRANTABLE.filter((each) => each !== role).map((each) =>
        choice(`invitation.role.${each}`, makeRoleWords(each), this.#does("invitation.role", { ...id, role: each }))),
      null,
      invitation.devices > 0 && choice("invitation.release", say("release"), () => this.#askRelease(invitation), { icon: "device" }),
      choice("invitation.revoke", say("revoke"), () => this.#askRevoke(invitation), { icon: "close", danger: true }),
    ].filter((each) => each !== false);
  }

  #deviceChoices({ invitation_id, request_id }) {
    const fields = { invitation_id, request_id };
    return [
      { key: "device.allow", label: say("device.allow"), icon: "check", act: this.#does("device.allow", fields) },
      { key: "device.refuse", label: say("device.refuse"), icon: "close", act: this.#does("device.refuse", fields) },
      null,
    ];
  }

  async #copy(invitation) {
    const { link } = await this.#client.command("invitation.link", { invitation_id: invitation.invitation_id });
    await copyLink(link, say("link_of", { name: nameOf(invitation) }));
  }

  /** Remind these, or all who have not come, by e-mail. */
  async remind(invitation_ids) {
    const { reminded, skipped } = await this.#client.command("invitation.remind", { invitation_ids });
    const done = reminded.length === 0 ? say("reminders.none") : say("reminders", { count: reminded.length });
    notify([done, skipped.length > 0 && say("skipped", { count: skipped.length })].filter(Boolean).join(" "), { key: "remind" });
  }

  #askRelease(invitation) {
    const { invitation_id } = invitation;
    this.#ask(say("release.ask", { name: nameOf(invitation) }), [el("p", {}, say("release.means"))], say("release"), () =>
      this.#client.command("invitation.release", { invitation_id }));
  }

  #askRevoke(invitation) {
    const { invitation_id, participant_id, stage } = invitation;
    const isThere = participant_id !== null && INSIDE.has(stage);
    const remove = el("input", { id: "revoke-remove", type: "checkbox" });
    const body = [
      el("p", {}, say(isThere ? "revoke.means_inside" : "revoke.means")),
      isThere && el("p", { class: "check" }, remove, el("label", { for: remove.id }, say("revoke.remove"))),
    ];
    this.#ask(say("revoke.ask", { name: nameOf(invitation) }), body, say("revoke"), () =>
      this.#client.command("invitation.revoke", { invitation_id, remove: remove.checked }), true);
  }

  #ask(heading, body, confirm, act, isDanger = false) {
    const go = el("button", { type: "button", class: isDanger ? "danger primary" : "primary", "data-act": "confirm", onclick: (event) => {
      if (!wasMeant(event, go)) return;
      dialog.close();
      this.#attempt(act);
    } }, confirm);
    const cancel = el("button", { type: "button", "data-act": "cancel", onclick: () => dialog.close() }, sayCommon("cancel"));
    const dialog = openDialog({ heading, body: [...body, el("div", { class: "actions" }, go, cancel)] });
    cancel.focus();
  }
}

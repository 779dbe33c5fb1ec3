/** Inviting, and the living list of invitations, for managers. */

import { ask, attempt, copyFrom, el, menu, nameNode, problemPlace, setChoices, setText, syncRows } from "./dom.js";
import { Suggestions } from "./suggestions.js";
import { ROLE_WORDS, shortInstant } from "./words.js";

const ROLES = ["viewer", "speaker", "moderator"];

export class InvitationsView {
  #client;
  #menus = new WeakMap();

  constructor(client) {
    this.#client = client;
    this.problem = problemPlace();
    this.#buildForm();
    this.#buildLink();
    this.listHeading = el("h3", { id: "invitations-heading", tabindex: -1 });
    this.remindAll = el("button", { type: "button", onclick: () => attempt(this.problem, () => this.#remind(null)) },
      "Remind all who have not come");
    this.reminded = el("p", { role: "status" });
    this.list = el("ul", { class: "rows", id: "invitations", "aria-labelledby": "invitations-heading" });
    this.root = el("section", { class: "card", "aria-labelledby": "invite-heading" },
      el("h2", { id: "invite-heading" }, "Invite somebody"),
      this.form, this.problem, this.linkBox, this.listHeading, this.remindAll, this.reminded, this.list);
  }

  #buildForm() {
    const field = (id, label, input) => el("div", { class: "field" }, el("label", { for: id }, label), input);
    // No field for addresses alone: one also types a name here, to be offered the people who have it.
    this.email = el("input", {
      id: "invite-email", type: "text", inputmode: "email", required: true, maxlength: 254, autocomplete: "off", spellcheck: "false",
    });
    this.first = el("input", { id: "invite-first", required: true, maxlength: 100, autocomplete: "off" });
    this.last = el("input", { id: "invite-last", required: true, maxlength: 100, autocomplete: "off" });
    this.role = el("select", { id: "invite-role" }, ...ROLES.map((role) => el("option", { value: role }, ROLE_WORDS[role])));
    this.atOnce = el("input", { id: "invite-at-once", type: "checkbox" });
    this.suggestions = new Suggestions(this.email, {
      find: async (text) => (await this.#client.command("people.suggest", { text })).suggestions,
      label: ({ email, first_name, last_name }) => `${first_name} ${last_name} <${email}>`,
      pick: (person) => this.#fill(person),
    });
    this.form = el("form", { onsubmit: (event) => this.#onSubmit(event) },
      field("invite-email", "E-mail", this.suggestions.root),
      el("div", { class: "pair" }, field("invite-first", "First name", this.first), field("invite-last", "Last name", this.last)),
      field("invite-role", "Type", this.role),
      el("p", { class: "check" }, this.atOnce, el("label", { for: "invite-at-once" }, "If they are here already, give them the role at once")),
      el("button", { type: "submit", class: "primary" }, "Generate invite link"));
  }

  #buildLink() {
    this.link = el("input", { id: "invite-link", readonly: true, "aria-label": "Invitation link", onfocus: () => this.link.select() });
    this.linkNote = el("p", { role: "status" });
    this.linkBox = el("div", { class: "link-box", hidden: true },
      this.linkNote,
      el("div", { class: "with-button" }, this.link,
        el("button", { type: "button", onclick: () => this.#copy() }, "Copy")));
  }

  #fill({ email, first_name, last_name }) {
    this.email.value = email;
    this.first.value = first_name;
    this.last.value = last_name;
    this.role.focus();
  }

  async #onSubmit(event) {
    event.preventDefault();
    const name = `${this.first.value} ${this.last.value}`.trim();
    const answer = await attempt(this.problem, () => this.#client.command("invitation.create", {
      email: this.email.value.trim(),
      first_name: this.first.value.trim(),
      last_name: this.last.value.trim(),
      role: this.role.value,
      at_once: this.atOnce.checked,
    }));
    if (!answer) return;
    this.form.reset();
    this.#showLink(answer.link, `The link for ${name} is ready.${answer.replaced ? " It replaces an earlier one for the same address." : ""}`);
  }

  #showLink(link, note) {
    this.linkBox.hidden = false;
    this.link.value = link;
    setText(this.linkNote, note);
  }

  async #copy() {
    setText(this.linkNote, await copyFrom(this.link) ? "Copied." : "Press Ctrl+C or ⌘C to copy the link.");
  }

  async #copyAgain({ invitation_id, first_name, last_name }) {
    const answer = await this.#client.command("invitation.link", { invitation_id });
    this.#showLink(answer.link, `The link for ${first_name} ${last_name}:`);
    await this.#copy();
  }

  render() {
    const { invitations } = this.#client;
    this.root.hidden = invitations === null;
    if (invitations === null) {
      this.linkBox.hidden = true;
      this.link.value = "";
      return;
    }
    this.form.hidden = !this.#client.may("invite");
    const awaited = invitations.filter((invitation) => isAwaited(invitation, this.#client)).length;
    setText(this.listHeading, `Invitations (${invitations.length}, ${awaited} not here yet)`);
    this.remindAll.hidden = awaited === 0 || !this.#mayMail();
    const newestFirst = [...invitations].sort((a, b) => b.created_at_ms - a.created_at_ms);
    syncRows(this.list, newestFirst, {
      keyOf: ({ invitation_id }) => invitation_id,
      create: (invitation) => this.#create(invitation),
      update: (node, invitation) => this.#update(node, invitation),
      fallback: this.listHeading,
    });
  }

  #mayMail() {
    return Boolean(this.#client.features?.email) && this.#client.may("manage_invitations");
  }

  async #remind(invitation_ids) {
    const { reminded } = await this.#client.command("invitation.remind", { invitation_ids });
    setText(this.reminded, reminded.length === 1 ? "One reminder is on its way." : `${reminded.length} reminders are on their way.`);
  }

  #create({ invitation_id, first_name, last_name }) {
    const actions = menu("Actions", `Actions for the invitation of ${first_name} ${last_name}`);
    const node = el("li", { "data-invitation-id": invitation_id },
      el("div", { class: "who" }, el("span", { class: "line" }), el("span", { class: "facts" }), el("span", { class: "facts" })),
      actions.details);
    this.#menus.set(node, actions);
    return node;
  }

  #update(node, invitation) {
    const status = statusOf(invitation, this.#client);
    const [line, facts, status_line] = node.querySelector(".who").children;
    const name = `${invitation.first_name} ${invitation.last_name}`;
    node.dataset.status = status.key;
    if (line.textContent !== name) line.replaceChildren(nameNode(name));
    setText(facts, `${invitation.email} · ${ROLE_WORDS[invitation.role]}`);
    setText(status_line, status.words);
    setChoices(this.#menus.get(node), this.#choices(invitation));
  }

  #choices(invitation) {
    if (["revoked", "replaced"].includes(invitation.status) || !this.#client.may("manage_invitations")) return [];
    const id = { invitation_id: invitation.invitation_id };
    const act = (work) => () => attempt(this.problem, work);
    const command = (type, fields = {}) => act(() => this.#client.command(type, { ...id, ...fields }));
    return [
      { label: "Copy the link again", act: act(() => this.#copyAgain(invitation)) },
      { label: "Extend", act: command("invitation.extend") },
      this.#mayMail() && isAwaited(invitation, this.#client) && { label: "Remind by e-mail", act: act(() => this.#remind([invitation.invitation_id])) },
      invitation.devices > 0 && { label: "Take from its device", act: command("invitation.release") },
      ...ROLES.filter((role) => role !== invitation.role).map((role) => ({ label: `Make ${role}`, act: command("invitation.role", { role }) })),
      { label: "Revoke", act: command("invitation.revoke"), danger: true },
      invitation.participant_id && { label: "Revoke and remove…", act: () => this.#revokeAndRemove(invitation), danger: true },
    ].filter(Boolean);
  }

  async #revokeAndRemove({ invitation_id, first_name, last_name }) {
    const yes = await ask({
      heading: `Revoke and remove ${first_name} ${last_name}?`,
      sentence: "The link stops working, and they are put out of the room.",
      confirm: "Revoke and remove",
      danger: true,
    });
    if (yes !== null) await attempt(this.problem, () => this.#client.command("invitation.revoke", { invitation_id, remove: true }));
  }
}

const STAGE_WORDS = {
  created: "Not opened yet", mail_queued: "Waiting to be mailed", mail_sending: "Being mailed", mailed: "Mailed", mail_failed: "Could not be mailed",
  mail_unsure: "Mailed, perhaps", opened: "Opened", away: "Used, not here now", in_lobby: "In the lobby", inside: "Inside", declined: "Declined",
  removed: "Removed", banned: "Banned", moved: "Taken from its device", revoked: "Revoked", replaced: "Replaced by a newer one",
};
const UNCLAIMED = new Set(["created", "mail_queued", "mail_sending", "mailed", "mail_failed", "mail_unsure", "opened", "moved"]);

/** How far the invitation has come; whether it has expired by now is for this clock to say. */
function statusOf({ stage, expires_at_ms }, client) {
  const words = STAGE_WORDS[stage] ?? stage;
  if (!UNCLAIMED.has(stage)) return { key: stage, words };
  const until_ms = Math.max(expires_at_ms, client.room.links_good_until_ms);
  if (until_ms <= client.now()) return { key: "expired", words: `Expired ${shortInstant(until_ms)}` };
  return { key: stage, words: `${words} · good until ${shortInstant(until_ms)}` };
}

/** Whether somebody is expected who has not been here yet. */
function isAwaited(invitation, client) {
  const { key } = statusOf(invitation, client);
  return invitation.came_at_ms === null && (UNCLAIMED.has(key) || key === "away");
}

/** Inviting, and the living list of invitations, for managers. */

import { ask, attempt, copyFrom, el, menu, nameNode, problemPlace, setChoices, setText, syncRows } from "./dom.js";
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
    this.list = el("ul", { class: "rows", id: "invitations", "aria-labelledby": "invitations-heading" });
    this.root = el("section", { class: "card", "aria-labelledby": "invite-heading" },
      el("h2", { id: "invite-heading" }, "Invite somebody"),
      this.form, this.problem, this.linkBox, this.listHeading, this.list);
  }

  #buildForm() {
    const field = (id, label, input) => el("div", { class: "field" }, el("label", { for: id }, label), input);
    this.email = el("input", { id: "invite-email", type: "email", required: true, maxlength: 254, autocomplete: "off" });
    this.first = el("input", { id: "invite-first", required: true, maxlength: 100, autocomplete: "off" });
    this.last = el("input", { id: "invite-last", required: true, maxlength: 100, autocomplete: "off" });
    this.role = el("select", { id: "invite-role" }, ...ROLES.map((role) => el("option", { value: role }, ROLE_WORDS[role])));
    this.atOnce = el("input", { id: "invite-at-once", type: "checkbox" });
    this.form = el("form", { onsubmit: (event) => this.#onSubmit(event) },
      field("invite-email", "E-mail", this.email),
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
    const { replica } = this.#client;
    const invitations = replica.rows("invitations");
    this.root.hidden = invitations === null;
    if (invitations === null) {
      this.linkBox.hidden = true;
      this.link.value = "";
      return;
    }
    this.form.hidden = !replica.may("invite");
    setText(this.listHeading, `Invitations (${invitations.length})`);
    const newestFirst = [...invitations].sort((a, b) => b.created_at_ms - a.created_at_ms);
    syncRows(this.list, newestFirst, {
      keyOf: ({ invitation_id }) => invitation_id,
      create: (invitation) => this.#create(invitation),
      update: (node, invitation) => this.#update(node, invitation),
      fallback: this.listHeading,
    });
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
    if (["revoked", "replaced"].includes(invitation.status) || !this.#client.replica.may("manage_invitations")) return [];
    const id = { invitation_id: invitation.invitation_id };
    const act = (work) => () => attempt(this.problem, work);
    const command = (type, fields = {}) => act(() => this.#client.command(type, { ...id, ...fields }));
    return [
      { label: "Copy the link again", act: act(() => this.#copyAgain(invitation)) },
      { label: "Extend", act: command("invitation.extend") },
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

/** Where the invitation stands: its own record, and where its person is now. */
function statusOf(invitation, { replica, clock }) {
  const { status, participant_id, expires_at_ms } = invitation;
  if (status === "revoked") return { key: "revoked", words: "Revoked" };
  if (status === "replaced") return { key: "replaced", words: "Replaced by a newer one" };
  if (participant_id && replica.lists.participants.has(participant_id)) return { key: "inside", words: "Inside" };
  if (participant_id && replica.lists.waiters?.has(participant_id)) return { key: "in_lobby", words: "In the lobby" };
  if (status === "claimed") return { key: "claimed", words: "Used, not here now" };
  if (expires_at_ms <= clock.now_ms()) return { key: "expired", words: `Expired ${shortInstant(expires_at_ms)}` };
  const until = `good until ${shortInstant(expires_at_ms)}`;
  return status === "opened" ? { key: "opened", words: `Opened · ${until}` } : { key: "created", words: `Not opened yet · ${until}` };
}

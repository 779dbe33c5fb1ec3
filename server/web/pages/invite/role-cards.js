/** The type of an invitation: three cards, each with what it lets somebody do. */

import { el } from "../common/dom.js";
import { GRANTABLE, roleMeaning, roleWord } from "../common/roles.js";

/**
 * @param {string} legend
 * @param {{id: string}} options `id`: begins the ids of the choices and names them together
 * @returns {{root: HTMLFieldSetElement, value: string}}
 */
export function roleCards(legend, { id }) {
  const root = el("fieldset", { class: "role-cards", id }, el("legend", {}, legend),
    ...GRANTABLE.map((role) => el("label", { class: "role-card", "data-role": role },
      el("input", { type: "radio", name: id, id: `${id}-${role}`, value: role, "aria-describedby": `${id}-${role}-means` }),
      el("span", { class: "role-name" }, roleWord(role)),
      el("span", { class: "role-means", id: `${id}-${role}-means` }, roleMeaning(role)))));
  const choose = (role) => { root.querySelector(`input[value="${role}"]`).checked = true; };
  choose(GRANTABLE[0]);
  return {
    root,
    get value() { return root.querySelector("input:checked").value; },
    set value(role) { choose(role); },
  };
}

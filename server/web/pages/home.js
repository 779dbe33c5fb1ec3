/** The demo's front page: create a room, then open it as several people side by side. */

import { ATTENDEES, MANAGER, demoName, demoSignIn } from "./demo.js";
import { attempt, el, problemPlace } from "./dom.js";
import { persist, post } from "./greenroom-http.js";

const main = document.getElementById("main");
const problem = problemPlace();
const made = el("section", { class: "card", id: "made", "aria-live": "polite", hidden: true });

async function start() {
  try {
    await persist(() => demoSignIn(MANAGER));
  } catch (error) {
    return main.replaceChildren(explanation(error));
  }
  main.replaceChildren(
    el("section", { class: "card" },
      el("h1", {}, "Try Greenroom"),
      el("p", { class: "sentence" }, "Create a room, then open it as a manager and as attendees, side by side."),
      roomForm(), problem),
    made);
  const roomId = new URLSearchParams(location.hash.slice(1)).get("room");
  if (roomId) showRoom(roomId);
}

function explanation(error) {
  const isOff = error.status === 404;
  return el("section", { class: "card", "data-code": error.code },
    el("h1", {}, "Greenroom"),
    el("p", { class: "sentence" }, isOff
      ? "This site signs people in itself: open a room from there, or use the invitation link that was sent to you."
      : `${error.message} ${error.nextStep ?? ""}`));
}

function roomForm() {
  const title = el("input", { id: "title", required: true, maxlength: 200, value: "Morning class" });
  const seconds = el("input", { id: "starts", type: "number", min: 0, max: 31_536_000, placeholder: "empty: at once", inputmode: "numeric" });
  const opens = el("select", { id: "opens" },
    el("option", { value: "at_start" }, "By itself, at the start"),
    el("option", { value: "by_host" }, "When a host starts it"));
  const access = el("select", { id: "access" },
    el("option", { value: "members" }, "Everybody who is signed in"),
    el("option", { value: "invited" }, "Invited people only"));
  const locked = el("input", { id: "locked", type: "checkbox" });
  const create = async (event) => {
    event.preventDefault();
    const body = { title: title.value.trim(), locked: locked.checked, opens: opens.value, access: access.value };
    if (seconds.value !== "") body.starts_in_s = Math.round(Number(seconds.value));
    const answer = await attempt(problem, () => post("/v1/demo/rooms", body));
    if (!answer) return;
    history.replaceState(null, "", `#room=${encodeURIComponent(answer.room_id)}`);
    showRoom(answer.room_id);
  };
  const field = (id, label, input) => el("div", { class: "field" }, el("label", { for: id }, label), input);
  return el("form", { onsubmit: create },
    field("title", "Title", title),
    el("div", { class: "pair" }, field("starts", "Starts in how many seconds", seconds), field("opens", "Opens", opens)),
    field("access", "Who may come without an invitation", access),
    el("p", { class: "check" }, locked, el("label", { for: "locked" }, "Locked: new arrivals wait in line")),
    el("button", { type: "submit", class: "primary" }, "Create the room"));
}

function showRoom(roomId) {
  const link = (userId, what) => el("li", {},
    el("a", { href: roomAddress(roomId, userId), target: "_blank", rel: "noopener noreferrer", "data-as": userId }, `Open as ${demoName(userId)}`),
    el("span", { class: "facts" }, what));
  made.hidden = false;
  made.dataset.roomId = roomId;
  made.replaceChildren(
    el("h2", {}, "The room is ready"),
    el("p", {}, "Each link opens a tab of its own, signed in as that person."),
    el("ul", { class: "rows links" },
      link(MANAGER, "manager: invites, admits, promotes"),
      ...ATTENDEES.map((userId) => link(userId, "attendee"))),
    el("p", {}, "To invite somebody: open the room as Maya, fill in “Invite somebody”, copy the link, and open it in a private window, which counts as another device. There, enter the invited address."));
}

function roomAddress(roomId, userId) {
  return `/room/${encodeURIComponent(roomId)}#as=${encodeURIComponent(userId)}`;
}

start();

/** Inviting many: a file or pasted rows, a trial that says of each row what would become of it, then the sending. */

import { actionButton, problemPlace, showRefusal } from "../common/acting.js";
import { el, field, nameNode, setText } from "../common/dom.js";
import { icon } from "../common/icons.js";
import { asRefusal, refusalWords } from "../common/refusal.js";
import { GRANTABLE, roleWord } from "../common/roles.js";
import { saveFile } from "../common/session-http.js";
import { announce } from "../common/speaking.js";
import { wordsOf } from "../common/words.js";
import { MOST_BYTES, Unreadable, readRows, resultFile } from "./bulk-rows.js";
import { BulkUpload } from "./bulk-upload.js";

const say = await wordsOf("bulk");
const SHOWN = 100;
const TONES = { error: "danger", would_replace: "warn", created: "live", would_create: "live" };
const EXAMPLE = "email,first_name,last_name,role\nada@example.org,Ada,Lovelace,speaker\n";

export class BulkForm {
  #client;
  #upload = null;
  #shown = SHOWN;

  constructor(client, { onDone }) {
    this.#client = client;
    this.problem = problemPlace();
    this.#buildStart();
    this.#buildReview(onDone);
    this.root = el("div", { class: "stack bulk", id: "bulk" }, this.start, this.problem, this.review);
    this.#showStep("start");
  }

  #buildStart() {
    this.file = el("input", {
      id: "bulk-file", class: "unseen", type: "file", accept: ".csv,.json,text/csv,application/json,text/plain",
      onchange: () => this.#readFile(this.file.files[0]),
    });
    this.text = el("textarea", { id: "bulk-text", rows: 5, dir: "ltr", spellcheck: "false", placeholder: EXAMPLE.trim() });
    this.role = el("select", { id: "bulk-role" }, ...GRANTABLE.map((role) => el("option", { value: role }, roleWord(role))));
    this.send = el("input", { id: "bulk-send", type: "checkbox" });
    this.drop = el("label", { class: "drop", for: this.file.id,
      ondragover: (event) => { event.preventDefault(); this.drop.classList.add("over"); },
      ondragleave: () => this.drop.classList.remove("over"),
      ondrop: (event) => this.#onDrop(event),
    }, icon("upload"), el("strong", {}, say("choose")), el("span", { class: "quiet" }, say("choose.hint")));
    this.start = el("form", { "data-step": "start", onsubmit: (event) => { event.preventDefault(); this.#tryOut(this.text.value); } },
      el("p", {}, say("intro"), " ", el("code", { class: "code", dir: "ltr" }, "email, first_name, last_name, role")),
      el("div", { class: "drop-place" }, this.file, this.drop),
      field(say("paste"), this.text),
      el("div", { class: "pair" }, field(say("role"), this.role),
        el("p", { class: "check", hidden: !this.#client.features?.email }, this.send, el("label", { for: this.send.id }, say("send_email")))),
      el("div", { class: "actions" }, this.tryButton = el("button", { type: "submit", class: "primary", "data-act": "bulk.try" }, say("try"))));
  }

  #buildReview(onDone) {
    this.heading = el("h3", { tabindex: -1, id: "bulk-heading" });
    this.summary = el("p", { class: "quiet" });
    this.bar = el("progress", { max: 1, value: 0, "aria-labelledby": "bulk-heading" });
    this.onlyErrors = el("input", { id: "bulk-errors", type: "checkbox", onchange: () => this.#renderRows() });
    this.errorsCheck = el("p", { class: "check" }, this.onlyErrors, el("label", { for: this.onlyErrors.id }, say("only_errors")));
    this.rows = el("ul", { class: "rows bulk-rows", id: "bulk-rows", "aria-labelledby": "bulk-heading" });
    this.more = el("button", { type: "button", "data-act": "bulk.more", onclick: () => { this.#shown += SHOWN; this.#renderRows(); } });
    this.goWords = el("span", {});
    this.go = actionButton([icon("invite"), this.goWords], this.problem, () => this.#sendAll(), { class: "primary", "data-act": "bulk.send" });
    this.download = el("button", { type: "button", "data-act": "bulk.download", onclick: () => this.#save() }, icon("download"), say("download"));
    this.back = el("button", { type: "button", "data-act": "bulk.back", onclick: () => this.#goBack() }, say("back"));
    this.done = el("button", { type: "button", class: "plain", "data-act": "bulk.done", onclick: onDone }, say("done"));
    this.review = el("div", { class: "stack", "data-step": "review" },
      this.heading, this.summary, this.bar, this.errorsCheck, this.rows, this.more,
      el("div", { class: "actions" }, this.go, this.download, this.back, this.done));
  }

  #showStep(step) {
    this.start.hidden = step !== "start";
    this.review.hidden = step !== "review";
    showRefusal(this.problem, null);
    if (step === "review") this.heading.focus();
    else this.file.value = "";
  }

  #goBack() {
    this.#showStep("start");
    this.text.focus();
  }

  #onDrop(event) {
    event.preventDefault();
    this.drop.classList.remove("over");
    if (event.dataTransfer.files[0]) this.#readFile(event.dataTransfer.files[0]);
    else this.text.value = event.dataTransfer.getData("text/plain");
  }

  async #readFile(file) {
    if (!file) return;
    await this.#reading(async () => {
      if (file.size > MOST_BYTES) throw new Unreadable("too_large");
      try {
        return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
      } catch {
        throw new Unreadable("not_utf8");
      }
    });
  }

  #tryOut(text) {
    return this.#reading(async () => text);
  }

  async #reading(read) {
    showRefusal(this.problem, null);
    try {
      const rows = readRows(await read(), { role: this.role.value });
      this.#upload = new BulkUpload(this.#client, rows, { sends: this.send.checked });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.problem.hidden = false;
      this.problem.dataset.code = error.key;
      this.problem.replaceChildren(say(`unreadable.${error.key}`, error.values));
      return;
    }
    this.#shown = SHOWN;
    this.onlyErrors.checked = false;
    await this.#working("trying", (onProgress) => this.#upload.tryOut(onProgress));
  }

  #sendAll() {
    return this.#working("sending", (onProgress) => this.#upload.send(onProgress));
  }

  // What breaks off stays as far as it came: the same button goes on from there.
  async #working(what, work) {
    const upload = this.#upload;
    this.#showStep("review");
    this.review.dataset.doing = what;
    setText(this.heading, say(what, { count: upload.outcomes.length }));
    for (const node of [this.go, this.download, this.back, this.done, this.errorsCheck]) node.hidden = true;
    this.bar.hidden = false;
    this.rows.replaceChildren();
    try {
      await work((done, total) => Object.assign(this.bar, { max: Math.max(1, total), value: done }));
    } catch (error) {
      showRefusal(this.problem, asRefusal(error));
    }
    if (upload === this.#upload) this.#showOutcome(what);
  }

  #showOutcome(what) {
    const { counts } = this.#upload;
    const open = counts.would_create + counts.would_replace + counts.waiting;
    this.review.dataset.doing = what === "sending" && open === 0 ? "done" : "reviewed";
    this.bar.hidden = true;
    setText(this.heading, this.#headingWords(what, counts, open));
    setText(this.summary, this.#summaryWords(counts));
    setText(this.goWords, say("go", { count: open }));
    this.go.hidden = open === 0;
    this.download.hidden = counts.created + counts.repeated + counts.error === 0;
    const isOver = what === "sending" && open === 0;
    this.back.hidden = isOver;
    this.done.hidden = !isOver;
    this.errorsCheck.hidden = counts.error === 0;
    this.#renderRows();
    this.heading.focus();
    announce(this.heading.textContent);
  }

  #headingWords(what, counts, open) {
    if (what === "trying") return open === 0 ? say("none_good") : say("tried", { count: open });
    return open === 0 ? say("sent", { count: counts.created }) : say("broke_off", { count: open });
  }

  #summaryWords(counts) {
    const parts = ["would_replace", "repeated", "error"].filter((name) => counts[name] > 0);
    return parts.map((name) => say(`count.${name}`, { count: counts[name] })).join(" ");
  }

  #renderRows() {
    const outcomes = this.#upload.outcomes.filter(({ status }) => !this.onlyErrors.checked || status === "error");
    this.rows.replaceChildren(...outcomes.slice(0, this.#shown).map((outcome) => rowNode(outcome)));
    const left = outcomes.length - this.#shown;
    this.more.hidden = left <= 0;
    setText(this.more, say("more", { count: Math.min(left, SHOWN) }));
  }

  #save() {
    const rows = this.#upload.outcomes.map(({ row, ...outcome }) => ({ ...row, ...outcome }));
    saveFile(new Blob([resultFile(rows)], { type: "text/csv" }), "invitations.csv");
  }

  /** The dialog is closing: what is under way ends after its part. */
  stop() {
    this.#upload?.stop();
  }
}

function rowNode({ row, status, code, message, replaced }) {
  const problem = code && refusalWords({ code, message: message ?? say(`code.${code}`), nextStep: "" });
  const word = status === "created" && replaced ? "status.replaced" : `status.${status}`;
  return el("li", { "data-line": String(row.line), "data-status": status, "data-code": code },
    el("div", { class: "who" },
      el("span", { class: "line" }, nameNode(`${row.first_name} ${row.last_name}`.trim() || "–"), el("bdi", { class: "facts" }, row.email)),
      el("span", { class: problem ? "facts wrong" : "facts" },
        problem ? `${say("line", { line: row.line })} ${problem.message}` : roleWord(row.role))),
    el("span", { class: `badge ${TONES[status] ?? ""}` }, say(word)));
}

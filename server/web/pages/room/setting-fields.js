/**
 * What a manager can change of a room, as a table: how it is typed, how the room's value is shown, what is sent. The parts
 * of a room that its people are not told of are kept as they are unless something is chosen.
 */

import { el } from "../common/dom.js";
import { wordsOf } from "../common/words.js";
import { namesIn } from "../invite/domain-names.js";

const say = await wordsOf("room");
const MINUTE_S = 60;
const HOUR_S = 3_600;
export const DOMAIN_LISTS = ["allowed_domains", "blocked_domains"];

export const PARTS = [
  { key: "what" },
  { key: "when" },
  { key: "who" },
  { key: "rights" },
  { key: "links", isFolded: true },
];

const text = (attributes) => (id) => el("input", { id, autocomplete: "off", ...attributes });
const area = (attributes) => (id) => el("textarea", { id, ...attributes });
const number = (attributes) => text({ type: "number", inputmode: "numeric", step: "any", ...attributes });
const instant = text({ type: "datetime-local", step: 1 });
const check = text({ type: "checkbox" });
const choice = (key, values, { mayKeep = false } = {}) => (id) => el("select", { id },
  mayKeep && el("option", { value: "" }, say("set.keep")),
  ...values.map((value) => el("option", { value }, say(`set.${key}.${value}`))));

const plain = (key) => ({ key, show: (room) => room[key] ?? "", read: (value) => value.trim() || null });
const flag = (key, part = "rights") => ({ key, part, isCheck: true, build: check, show: (room) => room[key], read: (value) => value });
const at = (key) => ({ key, build: instant, show: (room) => localTime(room[key]), read: (value) => (value ? new Date(value).getTime() : null) });
const count = (key, unit = 1) => ({
  key,
  show: (room) => (room[key] === null ? "" : String(room[key] / unit)),
  read: (value) => (value === "" ? null : Math.round(Number(value) * unit)),
});
const domains = (key) => ({
  key, part: "links", hasHint: true, isKept: true, canBeEmpty: true,
  build: area({ rows: 2, spellcheck: "false" }),
  read: namesIn,
});

export const FIELDS = [
  { ...plain("title"), part: "what", build: text({ required: true, maxlength: 200, dir: "auto" }) },
  { ...plain("description"), part: "what", build: area({ rows: 3, maxlength: 2_000, dir: "auto" }) },
  { ...at("starts_at_ms"), part: "when", hasHint: true },
  { ...at("ends_at_ms"), part: "when", hasHint: true },
  { key: "opens", part: "when", build: choice("opens", ["at_start", "by_host"]), show: (room) => room.opens, read: (value) => value },
  { ...count("host_absence_s", MINUTE_S), part: "when", hasHint: true, build: number({ min: 0, max: 1_440, required: true }) },
  { ...count("early_entry_s", MINUTE_S), part: "when", isKept: true, build: number({ min: 0, max: 1_440, placeholder: say("set.keep") }) },
  { ...count("reopen_s", HOUR_S), part: "when", isKept: true, build: number({ min: 0, placeholder: say("set.keep") }) },
  {
    key: "access", part: "who", isKept: true, read: (value) => value,
    build: choice("access", ["members", "channel_members", "invited"], { mayKeep: true }),
  },
  { ...count("capacity"), part: "who", hasHint: true, build: number({ min: 1, max: 100_000, step: 1, placeholder: say("set.no_limit") }) },
  flag("guest_access", "who"),
  flag("cnc"),
  flag("rename"),
  flag("speakers_initiate"),
  flag("moderators_invite"),
  { ...count("link_ttl_s", HOUR_S), part: "links", isKept: true, build: number({ min: 1, max: 8_760, placeholder: say("set.keep") }) },
  { key: "link_devices", part: "links", isKept: true, read: Number, build: choice("link_devices", ["1", "2", "3", "-1"], { mayKeep: true }) },
  {
    key: "email_proof", part: "links", isKept: true, read: (value) => value,
    build: choice("email_proof", ["typed", "code"], { mayKeep: true }),
  },
  ...DOMAIN_LISTS.map(domains),
];

/** An instant as `datetime-local` has it: in the reader's own zone, to the second. */
export function localTime(at_ms) {
  if (at_ms === null) return "";
  const at = new Date(at_ms);
  return new Date(at_ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

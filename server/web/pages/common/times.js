/** Instants and durations in words, in the reader's own language, time and zone. */

import { language, locale } from "./words.js";

const DAY_S = 86_400;
// A countdown is read at a glance by people side by side: the same digits for all of them.
const CLOCK = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2, useGrouping: false });
const LONG = new Intl.DateTimeFormat(locale, {
  weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short",
});
const SHORT = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const TIME = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const UNITS = Object.fromEntries(["day", "hour", "minute", "second"].map((unit) => [
  unit, new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }),
]));

/** "Monday, 23 November 2026 at 10:30 CET (Europe/Berlin)". */
export function instantWords(at_ms) {
  const words = LONG.format(at_ms);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  return zone && !words.endsWith(zone) ? `${words} (${zone})` : words;
}

export function shortInstant(at_ms) {
  return SHORT.format(at_ms);
}

/** "10:30". */
export function timeOfDay(at_ms) {
  return TIME.format(at_ms);
}

/** "1 day 02:03:04", "02:03:04" or "03:04": whole seconds, rounded up, never below zero. */
export function countdownWords(left_ms) {
  const left_s = Math.max(0, Math.ceil(left_ms / 1000));
  const days = Math.floor(left_s / DAY_S);
  const parts = [Math.floor((left_s % DAY_S) / 3600), Math.floor((left_s % 3600) / 60), left_s % 60];
  if (days === 0 && parts[0] === 0) parts.shift();
  const clock = parts.map((part) => CLOCK.format(part)).join(":");
  return days === 0 ? clock : `${UNITS.day.format(days)} ${clock}`;
}

/** "2 days", "3 hours", "5 minutes": for ears, not to the second. */
export function roughWords(left_ms) {
  const left_s = Math.max(0, Math.ceil(left_ms / 1000));
  if (left_s >= 2 * DAY_S) return UNITS.day.format(Math.round(left_s / DAY_S));
  if (left_s >= 2 * 3600) return UNITS.hour.format(Math.round(left_s / 3600));
  if (left_s > 90) return UNITS.minute.format(Math.round(left_s / 60));
  if (left_s === 60) return UNITS.minute.format(1);
  return UNITS.second.format(left_s);
}

/** The text direction of times differs from that of the page: digits and colons stay in their order. */
export const clockDirection = language === "ar" ? "ltr" : null;

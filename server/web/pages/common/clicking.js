/** Clicks that were meant: the second of a double click may find something else in its place than the first. */

const SOON_MS = 500;
const NEAR_PX = 8;

/**
 * Whether a click is meant for what it has hit, and not the rest of the one before.
 * @typedef {{count: number, at_ms: number, x: number, y: number, button: unknown, does: string}} Click
 *   `count`: which of a multiple click it is, 0 for one by keyboard; `does`: what the button does just now
 * @param {Click} click
 * @param {Click | null} before the last one by pointer
 */
export function isMeant(click, before) {
  if (click.count === 0) return true;
  if (click.count > 1) return false;
  if (before === null || click.at_ms - before.at_ms >= SOON_MS) return true;
  const isElsewhere = Math.hypot(click.x - before.x, click.y - before.y) > NEAR_PX;
  return isElsewhere || (click.button === before.button && click.does === before.does);
}

let last = null;

/** The same of a click event on `button`, after whichever was the last on this page. */
export function wasMeant(event, button) {
  const { detail, timeStamp, clientX, clientY } = event;
  const click = { count: detail, at_ms: timeStamp, x: clientX, y: clientY, button, does: button.dataset.act ?? button.textContent };
  const answer = isMeant(click, last);
  if (click.count > 0) last = click;
  return answer;
}

/** Keeping the focus where somebody has it while what they look at moves, comes and goes. */

const ROW = "li[data-key]";

/** Run `render`. If what had the focus in `root` is gone or hidden, its row gets it, else the row in its place, else `fallback`. */
export function keepingFocus(root, render, fallback) {
  const had = root.contains(document.activeElement) ? document.activeElement : null;
  const row = had?.closest(ROW) ?? null;
  const list = row?.parentElement ?? null;
  const at = list ? [...list.children].indexOf(row) : -1;
  render();
  if (!had || (document.activeElement !== document.body && document.activeElement !== had)) return;
  if (focus(had) || focusIn(row)) return;
  if (list?.isConnected && focusIn(list.children[Math.min(at, list.children.length - 1)])) return;
  fallback?.focus({ preventScroll: true });
}

/**
 * Whether a page that changes by itself may move the focus: neither away from what is outside `own`, nor out of the page around
 * its frame or another frame of it, where somebody may be typing.
 */
export function mayTakeFocus(own = null) {
  const { activeElement } = document;
  const isFree = !activeElement || activeElement === document.body || Boolean(own?.contains(activeElement));
  return isFree && (window.top === window || document.hasFocus());
}

/** The first of the buttons and fields in `node` that is shown gets the focus; answers whether there is one. */
export function focusIn(node) {
  return [...node?.querySelectorAll("button, input") ?? []].some(focus);
}

// What is hidden keeps the focus until the page is drawn, and then has lost it.
function focus(node) {
  if (!node.checkVisibility()) return false;
  node.focus({ preventScroll: true });
  return document.activeElement === node;
}

/** Keeping the focus where somebody has it while rows move, come and go. */

const ROW = "li[data-key]";

/** Run `render`; if what had the focus in `root` has lost it, its row gets it back, else the row that took its place, else `fallback`. */
export function keepingFocus(root, render, fallback) {
  const had = root.contains(document.activeElement) ? document.activeElement : null;
  const row = had?.closest(ROW) ?? null;
  const list = row?.parentElement ?? null;
  const at = list ? [...list.children].indexOf(row) : -1;
  render();
  if (!had || document.activeElement === had) return;
  const here = had.isConnected && focus(had);
  const again = here || (row?.isConnected && focusIn(row));
  const next = again || (list?.isConnected && focusIn(list.children[Math.min(at, list.children.length - 1)]));
  if (!next) fallback.focus({ preventScroll: true });
}

function focusIn(row) {
  return [...row?.querySelectorAll("button, input") ?? []].some(focus);
}

function focus(node) {
  node.focus({ preventScroll: true });
  return document.activeElement === node;
}

/**
 * A mail as it looks, in a frame in which nothing runs and nothing is loaded. The page's policy lets no style in by markup, and the
 * frame has the same policy: so the mail's own styles are taken out before it is read, and put in again as a script may.
 */

import { el } from "../common/dom.js";

const SHEET = /<style[^>]*>([^]*?)<\/style>/gi;
const TAG = /<[a-z][^>]*>/gi;
const STYLE = "data-mail-style";

/**
 * @param {string} title of the frame
 * @returns {{root: HTMLIFrameElement, show: (html: string) => void}}
 */
export function mailFrame(title) {
  // Without allow-scripts; the same origin only so that this page can write into it.
  const root = el("iframe", { class: "mail-frame", title, sandbox: "allow-same-origin", srcdoc: "<!doctype html><title>e-mail</title>" });
  let shown = null;
  root.addEventListener("load", () => shown !== null && write(root, shown));
  const show = (html) => {
    shown = html;
    if (root.contentDocument?.readyState === "complete") write(root, html);
  };
  return { root, show };
}

function write(frame, html) {
  const { contentDocument: page, contentWindow: view } = frame;
  page.adoptedStyleSheets = [...html.matchAll(SHEET)].map(([, css]) => {
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  });
  const unstyled = html.replace(SHEET, "").replace(TAG, (tag) => tag.replace(/\sstyle=/gi, ` ${STYLE}=`));
  const mail = new DOMParser().parseFromString(unstyled, "text/html");
  for (const link of mail.querySelectorAll("a[href]")) link.removeAttribute("href");
  page.documentElement.lang = mail.documentElement.lang;
  page.body.replaceWith(page.adoptNode(mail.body));
  for (const node of page.querySelectorAll(`[${STYLE}]`)) {
    node.style.cssText = node.getAttribute(STYLE);
    node.removeAttribute(STYLE);
  }
}

/** Line drawings on a grid of 24 by 24. They are decoration: what a button does is always said in words too. */

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  dots: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  hand: "M8 12V5.5a1.5 1.5 0 0 1 3 0V11m0-6.5a1.5 1.5 0 0 1 3 0V11m0-4.5a1.5 1.5 0 0 1 3 0V14a7 7 0 0 1-7 7c-3 0-4.5-1.5-6-4l-2-3.5a1.5 1.5 0 0 1 2.5-1.6L8 14",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  unlock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 6.7-1.4",
  invite: "M10 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3.5 20c.6-3.6 3.2-5.5 6.5-5.5 1.6 0 3 .4 4.100 1.200M18 14v6M15 17h6",
  people: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c.5-3.600 2.800-5.500 6-5.500s5.500 1.900 6 5.500M16 4.500a3.500 3.500 0 0 1 0 6.200M17.500 14.800c2 .7 3.200 2.500 3.500 5.200",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.500l4.500 4.500L19 7.500",
  close: "M6 6l12 12M18 6L6 18",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.500V12l3 2",
  door: "M6 21V4l9-1v18zM15 5h4v16M3 21h18M12 12v.01",
  leave: "M14 4H5v16h9M10 12h11M17.500 8.500L21 12l-3.500 3.500",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM20 20l-4.500-4.500",
  bell: "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10.500 20.500h3",
  mute: "M6 16.500V11a6 6 0 0 1 9.500-4.800M18 11v5.500M4.500 18H15M10.500 20.500h3M4 4l16 16",
  mail: "M4 6h16v12H4zM4 7l8 6 8-6",
  link: "M10 14a4 4 0 0 0 6 .400l3-3a4 4 0 0 0-5.700-5.700L12 7M14 10a4 4 0 0 0-6-.400l-3 3a4 4 0 0 0 5.700 5.700L12 17",
  upload: "M12 16V5M7.500 9L12 4.500 16.500 9M4.500 16v3.500h15V16",
  download: "M12 4.500V15M7.500 11.500L12 16l4.500-4.500M4.500 17v2.500h15V17",
  chat: "M4 5h16v11H10l-5 4v-4H4z",
  question: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.500 9.500a2.500 2.500 0 1 1 3.600 2.200c-.8.4-1.100.9-1.100 1.800M12 16.500v.01",
  poll: "M5 20v-8M12 20V4M19 20v-5",
  stage: "M4 5h16v11H4zM9 20h6M12 16v4",
  shield: "M12 3l7.500 3v5.500c0 4.500-3 8-7.500 9.500-4.500-1.500-7.500-5-7.500-9.500V6z",
  device: "M7 3h10v18H7zM11 18h2",
  list: "M8 6h12M8 12h12M8 18h12M4 6v.01M4 12v.01M4 18v.01",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  offline: "M4 4l16 16M2.500 9.500a14 14 0 0 1 4-2.600M10 5.600a14 14 0 0 1 11.500 3.900M6 13a9 9 0 0 1 4-2.200M15 11.300A9 9 0 0 1 18 13M9.500 16.500a4 4 0 0 1 5 0M12 20v.01",
  next: "M9 5l7 7-7 7",
  down: "M5 9l7 7 7-7",
  plus: "M12 5v14M5 12h14",
  globe: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c2.500 2.700 3.500 5.700 3.500 9s-1 6.300-3.500 9c-2.500-2.700-3.500-5.700-3.500-9s1-6.300 3.500-9z",
  external: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  layout_one: "M4 5h16v14H4z",
  layout_two: "M3 5h18v14H3zM14 5v14",
  layout_three: "M3 5h18v14H3zM9 5v14M15 5v14",
  key: "M15 14a5 5 0 1 0-4.600-3L4 17.400V20h3v-2h2v-2h2l1.500-1.500c.800.300 1.600.500 2.500-.500zM16 8.500v.01",
  trash: "M4.500 7h15M9.500 7V4.500h5V7M6.500 7l1 13h9l1-13M10.500 11v5.500M13.500 11v5.500",
};
/** These point along the line of writing or are a sign of it, and turn with it. */
const POINTING = new Set(["leave", "next", "door", "question", "external"]);

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", POINTING.has(name) ? "icon points" : "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  if (name === "dots") path.setAttribute("stroke-width", "3");
  svg.append(path);
  return svg;
}

"""Looking at a page as it stands: accessibility by axe, nothing cut off or too small to press, at any width, light and dark."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Page

NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 800}
# In the dark the same page is there in other colours: what depends on those is looked at once more.
RULES_BY_SCHEME: dict[str, list[str]] = {"light": [], "dark": ["color-contrast", "link-in-text-block"]}
SCHEMES = tuple(RULES_BY_SCHEME)

# Everything that axe calls a violation, its "best practices" too; or by so many of its rules.
RUN_AXE = """async (rules) => {
  const only = rules.length ? { runOnly: { type: "rule", values: rules } } : {};
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...only });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
}"""

# What reaches over the edge of the window. Parts that scroll sideways by themselves are not there to be read at once.
FIND_CUT_OFF = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide + 1) return [];
  return [...document.querySelectorAll("body *")].filter((node) => {
    const { left, right, width } = node.getBoundingClientRect();
    return width > 1 && (right > wide + 1 || left < -1) && !node.closest(".unseen");
  }).map((node) => `${node.tagName}.${node.className} ${node.textContent.slice(0, 40)}`).slice(0, 5);
}"""

# 44 CSS pixels each way. A link within a sentence is as high as the sentence, and a box may be pressed at its label.
FIND_SMALL = """() => {
  const pressed = "button, [role=button], [role=tab], [role^=menuitem], summary, select, input, textarea, a.button";
  const boxOf = (node) => {
    const own = node.getBoundingClientRect();
    if (!["checkbox", "radio"].includes(node.type)) return own;
    const around = node.closest("label, .check") ?? node.labels?.[0];
    return around?.getBoundingClientRect() ?? own;
  };
  const visible = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !node.closest(".unseen");
  return [...document.querySelectorAll(pressed)].filter(visible).filter((node) => {
    const { width, height } = boxOf(node);
    return node.type !== "hidden" && width > 0 && (width < 43.5 || height < 43.5);
  }).map((node) => {
    const { width, height } = boxOf(node);
    const called = (node.ariaLabel ?? node.textContent).slice(0, 30);
    return `${node.tagName}.${node.className} "${called}" ${Math.round(width)}x${Math.round(height)}`;
  });
}"""


@dataclass
class Findings:
    """What is wrong with one state of a page, by what was looked for."""

    state: str
    axe: list[str] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)
    small: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        kinds = (("axe", self.axe), ("cut off", self.cut_off), ("too small", self.small))
        return [f"{kind}: {each}" for kind, found in kinds for each in found]


@cache
def axe_script() -> str:
    return AXE_FILE_PATH.read_text()


async def inspect(page: Page, state: str) -> Findings:
    """Everything that is wrong with the page as it stands, wide and at 320 pixels, light and dark; the page is left as it was."""
    found = Findings(state)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(axe_script())
    was = page.viewport_size or WIDE
    for scheme, rules in RULES_BY_SCHEME.items():
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found.axe += _new(found.axe, await page.evaluate(RUN_AXE, rules), scheme)
    await page.set_viewport_size(NARROW)
    found.cut_off += await page.evaluate(FIND_CUT_OFF)
    found.small += await page.evaluate(FIND_SMALL)
    await page.set_viewport_size(was)
    await page.emulate_media(color_scheme="light")
    return found


def _new(known: list[str], seen: list[Any], scheme: str) -> list[str]:
    return [f"{each} ({scheme})" for each in seen if not any(old.startswith(str(each)) for old in known)]

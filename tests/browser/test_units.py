"""The client library in a real page, on a fake transport and in fake time; the tests themselves are in unit/."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import HERE, PAGES, UNIT_FILES, open_unit_context

# What the library's classes promise is written in their types, and each of it must be there.
_CLASS = re.compile(r"^export class (\w+)[^{]*\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_MEMBER = re.compile(r"^  (?:readonly )?(\w+)[(<:?]", re.MULTILINE)

KEY_OF = """import("/pages/client/greenroom-client.js")
  .then(({ openDevice }) => openDevice())
  .then((device) => device?.jwk.x ?? null)"""
MEMBERS_OF = """async (module) => {
  const library = await import(`/pages/client/${module}.js`);
  const options = { url: "http://localhost", getToken: () => "t", roomId: "r", secret: "s", code: "c", message: "m" };
  const parents = (of) => (of === Object.prototype ? [] : [of, ...parents(Object.getPrototypeOf(of))]);
  const members = (made) => parents(made).flatMap((of) => Object.getOwnPropertyNames(of));
  const shown = (value) => /^class\\b/.test(String(value)) ? members(new value(options)) : typeof value;
  return Object.fromEntries(Object.entries(library).map(([name, value]) => [name, shown(value)]));
}"""


async def test_every_test_in_a_page_passes(unit_outcomes):
    failed = [f"{name}\n{error}" for name, error in unit_outcomes.items() if error is not None]
    assert not failed, "\n\n".join(failed)
    for name in UNIT_FILES:
        announced = len(re.findall(r"^ *test\(", (HERE / "unit" / f"{name}.js").read_text(), re.MULTILINE))
        assert sum(test.startswith(f"{name}: ") for test in unit_outcomes) >= announced, "each has run"


async def test_a_page_without_https_has_no_key_and_says_so_once():
    async with open_unit_context() as context:
        page = await context.new_page()
        await page.goto("http://rooms.example.org/")
        assert await page.evaluate("typeof crypto.subtle") == "undefined"
        assert await page.evaluate('import("/pages/client/greenroom-client.js").then(({ openDevice }) => openDevice())') is None


async def test_in_a_frame_of_another_site_the_profile_is_another_device():
    async with open_unit_context(windows=True) as context:
        page = await context.new_page()
        await page.goto("https://rooms.example.org/")
        alone = await page.evaluate(KEY_OF)
        assert alone is not None
        assert await page.evaluate(KEY_OF) == alone
        host = await context.new_page()
        await host.route("https://app.example.com/", lambda route: route.fulfill(
            body='<!doctype html><iframe src="https://rooms.example.org/"></iframe>', content_type="text/html"
        ))
        await host.goto("https://app.example.com/")
        # Another key, or none where the browser refuses such frames their storage.
        assert await host.frames[1].evaluate(KEY_OF) != alone


@pytest.mark.parametrize("module", ["greenroom-client", "greenroom-link", "greenroom-client-testing"])
async def test_what_the_types_promise_is_there(module):
    types = (PAGES / "client" / f"{module}.d.ts").read_text()
    functions = set(re.findall(r"^export function (\w+)", types, re.MULTILINE))
    classes = {name: set(_MEMBER.findall(body)) - {"constructor"} for name, body in _CLASS.findall(types)}
    async with open_unit_context() as context:
        page = await context.new_page()
        await page.goto("http://localhost/")
        found = await page.evaluate(MEMBERS_OF, module)
    assert set(found) == functions | set(classes)
    for name, members in classes.items():
        assert members - set(found[name]) == set(), f"{name} lacks what its types promise"

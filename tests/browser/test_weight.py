"""What the library and a page weigh, and how soon something is seen."""

from __future__ import annotations

import gzip
import re
import statistics

from tests.browser.conftest import PAGES
from tests.browser.people import open_house
from tests.browser.test_links import new_link, opens

LIBRARY = PAGES / "client"
MAX_GZIP_BYTES = 12_000
LOADS = 5


def modules_of(entry: str) -> list[str]:
    """A module and all that it imports, in the order of their names."""
    found, left = set(), [entry]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += re.findall(r'from "\./([^"]+)"', (LIBRARY / name).read_text())
    return sorted(found)


def test_the_client_library_is_small(figure):
    modules = modules_of("greenroom-client.js")
    assert all(name.startswith("greenroom-") for name in modules), "whoever copies greenroom-*.js has all of it"
    contents = [(LIBRARY / name).read_bytes() for name in modules]
    packed = len(gzip.compress(b"".join(contents), 9, mtime=0))
    one_by_one = sum(len(gzip.compress(content, 9, mtime=0)) for content in contents)
    raw = {"modules": len(modules), "bytes": sum(map(len, contents)), "gzip_one_by_one_bytes": one_by_one}
    holds = packed <= MAX_GZIP_BYTES
    figure("client_gzip_bytes", packed, unit="bytes", must=f"<= {MAX_GZIP_BYTES}", holds=holds, n=len(modules), raw=raw)


async def test_a_link_shows_something_soon_and_loads_little(lone_cluster, figure):
    async with open_house(lone_cluster) as house:
        link = await new_link(house)
        paints, transferred = [], 0
        for _ in range(LOADS):
            person = await opens(house, link)
            await person.is_shown("email_entry")
            paints.append(await person.page.evaluate('performance.getEntriesByName("first-contentful-paint")[0].startTime'))
            transferred = await person.page.evaluate(
                'performance.getEntries().reduce((sum, entry) => sum + (entry.encodedBodySize ?? 0), 0)'
            )
            await person.context.close()
        paint_ms = round(statistics.median(paints))
        figure("first_paint_ms", paint_ms, unit="ms", must="<= 1500", holds=paint_ms <= 1_500, n=LOADS)
        figure("page_transfer_bytes", transferred, unit="bytes", must="<= 100000", holds=transferred <= 100_000)

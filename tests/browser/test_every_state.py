"""Every state of every page: nothing that axe objects to, nothing cut off at 320 pixels, nothing too small to press."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.browser.gallery.scene import Reach, Scene
from tests.browser.gallery.states import GROUPS, SETTINGS_OF_GALLERY
from tests.browser.inspecting import Findings, inspect
from tests.browser.people import House, open_house
from tests.support.nodes import Cluster

AT_ONCE = 3
LANGUAGES = {"mirrored": "ar"}  # from right to left


@asynccontextmanager
async def open_gallery() -> AsyncIterator[House]:
    async with Cluster(**SETTINGS_OF_GALLERY) as cluster:
        await cluster.add_node()
        async with open_house(cluster) as house:
            yield house


async def inspect_all(house: House, states: dict[str, Reach], language: str) -> list[Findings]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def look(name: str, reach: Reach) -> Findings:
        async with gate:
            scene = Scene(house, language)
            found = await inspect((await reach(scene)).page, name)
            await scene.close()
            return found

    return list(await asyncio.gather(*(look(name, reach) for name, reach in states.items())))


@pytest.mark.parametrize("group", GROUPS)
async def test_every_state_can_be_read_and_used_by_everybody(group, figure):
    async with open_gallery() as house:
        found = await inspect_all(house, GROUPS[group], LANGUAGES.get(group, "en"))
    wrong = [f"{each.state}: {line}" for each in found for line in each.all]
    count = sum(len(each.axe) for each in found)
    figure(f"axe_violations_{group}", count, unit="violations", must="== 0", holds=count == 0, n=len(found))
    assert wrong == []

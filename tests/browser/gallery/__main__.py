"""Pictures of every state, to be looked at: `python -m tests.browser.gallery <folder> [--only name …] [--languages en ar]`.

Each at two widths, light and dark.
"""

from __future__ import annotations

import argparse
import asyncio
import traceback
from pathlib import Path

from tests.browser.gallery.scene import Scene
from tests.browser.gallery.states import ALL, SETTINGS_OF_GALLERY
from tests.browser.inspecting import SCHEMES, inspect
from tests.browser.people import House, open_house
from tests.support.nodes import Cluster

SIZES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 360, "height": 740}}


async def take_pictures(folder: Path, names: list[str], languages: list[str]) -> int:
    """Answers how many states could not be reached or have something wrong."""
    failed = 0
    async with Cluster(**SETTINGS_OF_GALLERY) as cluster:
        await cluster.add_node()
        async with open_house(cluster) as house:
            for language in languages:
                for name in names:
                    failed += await _take(house, name, language, folder)
    return failed


async def _take(house: House, name: str, language: str, folder: Path) -> int:
    scene = Scene(house, language)
    try:
        person = await ALL[name](scene)
        for scheme in SCHEMES:
            await person.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            for size, viewport in SIZES.items():
                await person.page.set_viewport_size(viewport)  # type: ignore[arg-type]
                await person.page.screenshot(path=folder / f"{name}.{language}.{size}.{scheme}.png")
        found = (await inspect(person.page, name)).all
    except Exception:
        found = traceback.format_exc().splitlines()[-4:]
    for line in found:
        print(f"{name} ({language}): {line[:300]}", flush=True)
    await scene.close()
    return int(bool(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=list(ALL))
    parser.add_argument("--languages", nargs="*", default=["en"])
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    raise SystemExit(asyncio.run(take_pictures(given.folder, given.only, given.languages)) and 1)


if __name__ == "__main__":
    main()

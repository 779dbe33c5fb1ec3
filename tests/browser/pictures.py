"""The pictures of the documents, made anew from the real pages: `python -m tests.browser.pictures [folder] [--only name …]`.

Stills are PNG of 1280 by 800; the promotion is a film of what the manager and the attendee see while it happens.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.async_api import FrameLocator, Locator, Page

from tests.browser.gallery import inside, pages
from tests.browser.gallery.scene import EMAIL, Scene
from tests.browser.gallery.states import SETTINGS_OF_GALLERY
from tests.browser.people import Person, expect, open_house
from tests.support.nodes import Cluster

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
MOST_STILL_BYTES, MOST_FILM_BYTES = 200_000, 600_000
FILM_WIDTH = 960
FILM_WINDOW = {"width": 1200, "height": 700}
COLOURS = 192
TAKE_NOTICES = "document.querySelectorAll('.notice').forEach((notice) => notice.remove())"

Picture = Callable[[Scene, Path], Awaitable[None]]
PICTURES: dict[str, Picture] = {}


def picture(make: Picture) -> Picture:
    """Its file is named as the function is."""
    PICTURES[make.__name__.replace("_", "-")] = make
    return make


async def still(person: Person, path: Path) -> None:
    await person.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    for frame in person.page.frames:
        await frame.evaluate(TAKE_NOTICES)
    _keep(await person.page.screenshot(animations="disabled"), path)


def _keep(png: bytes, path: Path) -> None:
    """With fewer colours where it would be too large: of such pages nobody sees the difference."""
    if len(png) > MOST_STILL_BYTES:
        smaller = io.BytesIO()
        Image.open(io.BytesIO(png)).quantize(COLOURS).save(smaller, "PNG", optimize=True)
        png = smaller.getvalue()
    assert len(png) <= MOST_STILL_BYTES, f"{path.name} has {len(png)} bytes"
    path.write_bytes(png)


@picture
async def home(scene: Scene, folder: Path) -> None:
    await still(await pages.home(scene), folder / "home.png")


@picture
async def home_side_by_side(scene: Scene, folder: Path) -> None:
    await still(await pages.side_by_side(scene), folder / "home-side-by-side.png")


@picture
async def room(scene: Scene, folder: Path) -> None:
    await still(await inside.room_manager(scene), folder / "room.png")


@picture
async def invite(scene: Scene, folder: Path) -> None:
    maya = await inside.invite_dialog(scene)
    for name, text in (("email", EMAIL), ("first", "Grace"), ("last", "Hopper")):
        await maya.page.fill(f"#invite-{name}", text)
    await still(maya, folder / "invite.png")


@picture
async def lobby(scene: Scene, folder: Path) -> None:
    room_id = await scene.room(starts_at_ms=round(time.time() * 1000) + 275_000, description="We begin with acids and bases.")
    grace = await scene.proves((await scene.invite(room_id))["link"], "countdown")
    await expect(grace.page.locator("#email")).to_be_hidden()
    await still(grace, folder / "lobby.png")


@picture
async def line(scene: Scene, folder: Path) -> None:
    room_id = await scene.room()
    await scene.enters(room_id, "maya", "inside")
    await scene.api.act(room_id, "lock")
    await scene.api.act(room_id, "lobby-message", text="We are finishing the introduction, two minutes more.")
    await scene.enters(room_id, "bo", "waiting_in_line")
    await still(await scene.enters(room_id, "alex", "waiting_in_line"), folder / "line.png")


@picture
async def admin(scene: Scene, folder: Path) -> None:
    await still(await pages.admin_email(scene), folder / "admin.png")


# ── The film ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Film:
    """Pictures of a page and how long each is seen; `pointer`: where the mouse is, as pictures of a page show none."""

    page: Page
    pointer: tuple[float, float] | None = None
    frames: list[Image.Image] = field(default_factory=list)
    shown_ms: list[int] = field(default_factory=list)

    async def take(self, shown_ms: int, *, is_pressed: bool = False) -> None:
        image = Image.open(io.BytesIO(await self.page.screenshot())).convert("RGB")
        if self.pointer:
            _draw_pointer(image, self.pointer, is_pressed=is_pressed)
        self.frames.append(image.resize((FILM_WIDTH, FILM_WIDTH * image.height // image.width), Image.Resampling.LANCZOS))
        self.shown_ms.append(shown_ms)

    async def clicks(self, target: Locator) -> None:
        await target.scroll_into_view_if_needed()
        box = await target.bounding_box()
        assert box is not None
        self.pointer = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await self.take(700)
        await self.take(150, is_pressed=True)
        await target.click()

    async def watches(self, *shown_ms: int) -> None:
        """Some pictures one after the other, however long taking them lasts."""
        for each in shown_ms:
            await self.take(each)

    def save(self, path: Path) -> None:
        first, *others = self.frames
        how = {"quality": 82, "method": 6, "kmin": 2, "kmax": 4, "loop": 0}
        first.save(path, save_all=True, append_images=others, duration=self.shown_ms, **how)
        assert path.stat().st_size <= MOST_FILM_BYTES, f"{path.name} has {path.stat().st_size} bytes"


def _draw_pointer(image: Image.Image, at: tuple[float, float], *, is_pressed: bool) -> None:
    x, y = at
    radius = 9 if is_pressed else 13
    veil = Image.new("RGBA", image.size)
    box = (x - radius, y - radius, x + radius, y + radius)
    ImageDraw.Draw(veil).ellipse(box, fill=(20, 30, 25, 150 if is_pressed else 90), outline=(255, 255, 255, 230), width=2)
    image.paste(veil, mask=veil)


@picture
async def promotion(scene: Scene, folder: Path) -> None:
    """Maya lets Alex in and makes them a moderator; both pages stand side by side, and nothing is cut out."""
    visitor = await pages.home(scene)
    await visitor.page.emulate_media(color_scheme="light")
    await visitor.page.set_viewport_size(FILM_WINDOW)  # type: ignore[arg-type]
    await visitor.act("home.be.alex").click()
    await visitor.act("home.layout.two").click()
    await visitor.act("guide.hide").click()
    maya, alex = _frame(visitor, "maya"), _frame(visitor, "alex")
    await expect(alex.locator('main > [data-state="waiting_in_line"]')).to_be_visible()
    await expect(maya.locator('[data-act="lobby.admit"]').first).to_be_visible()
    await maya.locator("body").evaluate(TAKE_NOTICES)
    film = Film(visitor.page)
    await film.take(900)
    await film.clicks(maya.locator('[data-act="lobby.admit"]').first)
    await expect(alex.locator('#own-role[data-role="viewer"]')).to_be_attached()
    await film.watches(200, 200, 200, 200, 500)
    row = maya.locator("#participants li", has=maya.locator("bdi", has_text="Alex"))
    await film.clicks(row.locator('[aria-haspopup="menu"]'))
    await film.clicks(maya.get_by_role("menuitem", name="Make moderator", exact=True))
    await expect(alex.locator('#own-role[data-role="moderator"]')).to_be_attached()
    await film.watches(200, 200, 200, 200, 400, 1_400)
    film.save(folder / "promotion.webp")


def _frame(visitor: Person, who: str) -> FrameLocator:
    return visitor.page.frame_locator(f'iframe[name$=".{who}"]')


async def make_pictures(folder: Path, names: list[str]) -> None:
    async with Cluster(**SETTINGS_OF_GALLERY) as cluster:
        await cluster.add_node()
        async with open_house(cluster) as house:
            for name in names:
                scene = Scene(house)
                await PICTURES[name](scene, folder)
                await scene.close()
                print(name, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--only", nargs="*", choices=PICTURES, default=list(PICTURES))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(make_pictures(given.folder, given.only))


if __name__ == "__main__":
    main()

"""The room product's own page, on its own origin, with the library taken from a node: the script of docs/integration.md."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.browser.conftest import PRODUCT_PORT
from tests.browser.people import expect, open_house
from tests.support.ports import HOST

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "integration.md"
PAGE = (
    '<!doctype html><title>Product</title><ul id="people"></ul><p id="role"></p><button id="hand">Hand</button>'
    '<script type="module" src="/own.js"></script>'
)


def script_of_the_document() -> str:
    """The one script that the page shows, as it stands there."""
    (script,) = re.findall(r"```js\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    return str(script)


@asynccontextmanager
async def open_product(answer: Callable[[str], Awaitable[tuple[str, str]]]) -> AsyncIterator[str]:
    """The room product's web server: `answer` gives a path's media type and text. Yields its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A browser opens connections ahead that it may not use, and leaves in the middle when its page is closed.
        with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
            media_type, text = await answer(path)
            body = text.encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()

    async with await asyncio.start_server(serve, HOST, PRODUCT_PORT):
        yield f"http://localhost:{PRODUCT_PORT}"


async def test_the_script_of_the_document_works_on_the_products_own_origin(lone_cluster):
    async with open_house(lone_cluster) as house:
        room_id = (await house.api.create_room(title="Chemistry", standings={"maya": "owner"}))["room_id"]
        maya = await house.person(node=0)
        await maya.goes_to(f"/room/{room_id}#as=maya")
        await maya.is_shown("inside")

        async def answer(path: str) -> tuple[str, str]:
            if path == "/greenroom-token":  # the product signs in whom it knows
                return "text/plain", (await house.api.demo_sign_in(room_id, "vito", "Vito"))["session_token"]
            if path == "/own.js":
                return "text/javascript", script_of_the_document().replace("https://rooms.example.org", house.origin(0))
            return "text/html", PAGE

        async with open_product(answer) as address:
            page = await (await house.browser.new_context()).new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            await page.goto(address)
            await expect(page.locator("#people li")).to_have_count(2)
            await expect(page.locator("#people li", has_text="Vito (viewer)")).to_have_count(1)
            await page.click("#hand")
            await expect(maya.page.locator('[data-group="hands"] li')).to_have_count(1)
            await maya.chooses("Vito", "Make speaker")
            await expect(page.locator("#role")).to_have_text("speaker")
            assert errors == []
            await page.close()

"""Joins, claims and promotions per second through one node on a real server."""

from __future__ import annotations

import asyncio

from bench.slices import Paired, measure_pairs
from bench.tabs import BareTab
from client_sim import Api, Device, Link

CONCURRENCY = 16
PEOPLE_PER_ROOM = 20


async def measure_joins(api: Api, pairs: int, per_slice: int) -> Paired:
    """A tab that says hello as somebody new, against a bare websocket that reads its challenge.

    Rooms of twenty: in one large room the telling of each arrival to all who are there would be measured, not the joining.
    """
    count = pairs * per_slice
    room_ids = [(await api.create_room(title="Joins"))["room_id"] for _ in range(-(-count // PEOPLE_PER_ROOM))]
    tokens = await _sign_in_many(api, [room_ids[number // PEOPLE_PER_ROOM] for number in range(count)])
    tabs: list[BareTab] = []

    async def join(number: int) -> None:
        tabs.append(await BareTab.enter(api.url, tokens[number]))

    async def knock(number: int) -> None:
        tabs.append(await BareTab.knock(api.url))

    measured = await measure_pairs(join, knock, pairs=pairs, per_slice=per_slice, concurrency=CONCURRENCY)
    for tab in tabs:
        tab.abort()
    return measured


async def measure_claims(api: Api, pairs: int, per_slice: int) -> Paired:
    """A link claimed with its address and a device's proof, against a call that does nothing."""
    room_id = (await api.create_room(title="Claims"))["room_id"]
    count = pairs * per_slice
    links = [Link((await _invite(api, room_id, number))["link"]) for number in range(count)]
    devices = [Device() for _ in range(count)]
    nonces = [(await api.look(link, device))["nonce"] for link, device in zip(links, devices, strict=True)]

    async def claim(number: int) -> None:
        await api.claim(links[number], nonces[number], f"guest{number}@example.org", devices[number])

    async def ask_nothing(number: int) -> None:
        await api.is_ready()

    return await measure_pairs(claim, ask_nothing, pairs=pairs, per_slice=per_slice, concurrency=CONCURRENCY)


async def measure_promotions(api: Api, pairs: int, per_slice: int) -> Paired:
    """A role changed and answered, in a room each so that nobody waits for another, against a command without the store."""
    hosts = [await _host_and_guest(api, number) for number in range(CONCURRENCY)]
    free = asyncio.Queue[tuple[BareTab, str]]()
    for host in hosts:
        free.put_nowait(host)

    async def promote(number: int) -> None:
        tab, guest_id = await free.get()
        role = "speaker" if number // CONCURRENCY % 2 else "moderator"
        await tab.command("role.change", participant_id=guest_id, role=role)
        free.put_nowait((tab, guest_id))

    async def renew(number: int) -> None:
        tab, guest_id = await free.get()
        await tab.command("token.renew")
        free.put_nowait((tab, guest_id))

    measured = await measure_pairs(promote, renew, pairs=pairs, per_slice=per_slice, concurrency=CONCURRENCY)
    for tab, _ in hosts:
        tab.abort()
    return measured


async def _host_and_guest(api: Api, number: int) -> tuple[BareTab, str]:
    room_id = (await api.create_room(title=f"Promotions {number}", standings={"host": "owner"}))["room_id"]
    host = await api.demo_sign_in(room_id, "host", "Host")
    guest = await api.demo_sign_in(room_id, "guest", "Guest")
    return await BareTab.enter(api.url, host["session_token"]), str(guest["participant_id"])


async def _sign_in_many(api: Api, room_ids: list[str]) -> list[str]:
    gate = asyncio.Semaphore(CONCURRENCY)

    async def one(number: int, room_id: str) -> str:
        async with gate:
            return str((await api.demo_sign_in(room_id, f"user{number}", f"User {number}"))["session_token"])

    return await asyncio.gather(*(one(number, room_id) for number, room_id in enumerate(room_ids)))


async def _invite(api: Api, room_id: str, number: int) -> dict[str, str]:
    email = f"guest{number}@example.org"
    return await api.invite(room_id, email=email, first_name="Guest", last_name=str(number), role="speaker")

"""What people write survives as it was written, and the secret of a link is nowhere to be found."""

from __future__ import annotations

import hashlib

import pytest

from client_sim.device import Device
from server.actions import line, rooms
from server.domain.roles import Role
from tests.support.rooms import ROOM, Site, open_site
from tests.support.verifying import verify_action

TEXTS = {
    "zero bytes": "a\x00b\x00",
    "quotes": "\"'\\`]]--[[%s%d{}",
    "right to left": "‮שלום مرحبا",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈",
    "long": "ß" * 10_000,
    "separators": "a|b|c:d{e}f\r\nXADD",
    "looks like JSON": '{"refused": "stale"}',
    "control": "\x01\x1b[31m\x7f\u2028",
    "number": "1e309",
    "format": "%f %s %q",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_text_of_a_room_survives(store_url, text):
    async with open_site(store_url) as site:
        await site.create_room(title=text, description=text)
        await site.bring_in("boss", Role.MANAGER)
        async with verify_action(site):
            await rooms.write_lobby_message(site.services, site.by("boss"), text)
        room = (await site.contents()).room
        assert (room.title, room.description, room.lobby_message) == (text, text, text)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_text_of_a_person_survives(store_url, text):
    async with open_site(store_url) as site:
        await site.create_room(locked=True)
        await site.bring_in("boss", Role.MANAGER)
        async with verify_action(site):
            await site.meet("wanda", name=text)
            await site.open_tab("wanda")
            await line.decline(site.services, site.by("boss"), site.ids["wanda"], text)
        person = await site.person("wanda")
        assert (person.name, person.decline_message) == (text, text)


@pytest.mark.parametrize("text", ["a\x00b", "a|b", "user:x", "{}", "\n", "‮"])
async def test_ids_of_the_site_survive(store_url, text):
    async with open_site(store_url) as site:
        await site.create_room()
        made = await site.store.people.identify(
            ROOM, identities=[f"user:{text}"], participant_id="p-1", person={"name": "N", "user_id": text}
        )
        facts = await site.store.facts(ROOM, identities=[f"user:{text}"])
        assert facts.identities == {f"user:{text}": made["participant_id"]}


async def test_no_secret_of_a_link_is_anywhere_in_the_store(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        secrets = [(await site.invite(name, by="boss"))["secret"] for name in ("ina", "otto", "ina")]
        await site.claim(secrets[1], "otto", Device())
        held = await dump(site)
        assert all(secret.encode() not in held for secret in secrets)
        link_key = site.services.settings.link_keys.current[1]
        assert link_key.encode() not in held
        # Redis knows the hash, so that the search above would have found what it looks for.
        assert hashlib.sha256(secrets[0].encode()).hexdigest().encode() in held


async def dump(site: Site) -> bytes:
    """Every key and every value of the store, one after another."""
    redis, parts = site.store.redis, []
    for key in await redis.keys("*"):
        kind = (await redis.type(key)).decode()
        read = {
            "string": redis.get,
            "hash": redis.hgetall,
            "set": redis.smembers,
            "zset": lambda key: redis.zrange(key, 0, -1),
            "stream": redis.xrange,
        }[kind]
        parts += [key, *_flat(await read(key))]
    assert len(parts) > 50
    return b"\n".join(parts)


def _flat(value: object) -> list[bytes]:
    if isinstance(value, bytes):
        return [value]
    if isinstance(value, dict):
        return [part for pair in value.items() for item in pair for part in _flat(item)]
    if isinstance(value, list | tuple | set):
        return [part for item in value for part in _flat(item)]
    return []

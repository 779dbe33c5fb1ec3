"""A link that asks for a code: mailed to the invited address alone, good for a while, tried a few times, used once."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace

import pytest

from client_sim.device import Device
from server.actions import codes, rooms
from server.actions.links import claim_link
from server.actions.visitors import Visitor
from server.domain.mail import MailKind
from server.domain.roles import Role
from server.domain.room import ClaimProof, Room
from server.settings import EMBEDDED_URL, Secret
from tests.actions.stage import ask
from tests.support.mailing import UNHURRIED, mailer_of
from tests.support.refusing import outcomes, refused
from tests.support.rooms import ROOM, Site, open_site, visitor_with
from tests.support.smtp_server import SmtpServer
from tests.support.waiting import wait_until

MINUTE_MS = 60_000


@pytest.fixture(autouse=True)
def _answers_at_once(monkeypatch):
    monkeypatch.setattr(codes, "ANSWER_AFTER_S", 0)


async def with_link(site: Site, **room: object) -> tuple[str, str]:
    """Ina's link, which asks for a code: its id and its secret."""
    await site.create_room(**{"email_proof": ClaimProof.CODE, **room})
    await site.bring_in("boss", Role.MANAGER)
    made = await site.invite("ina")
    return made["invitation_id"], made["secret"]


async def visitor(site: Site, secret: str, device: Device, name: str = "ina", network: str = "192.0.2.1") -> Visitor:
    look = await site.look(secret, Visitor(network=network, device_key=dict(device.jwk)))
    return visitor_with(device, look.nonce, name, network)


async def ask_for_code(site: Site, secret: str, name: str = "ina", network: str = "192.0.2.1") -> None:
    await codes.ask_for_code(site.services, ROOM, secret, await visitor(site, secret, Device(), name, network))


async def mails(site: Site) -> list[dict]:
    kept = await site.store.redis.hvals(site.store.keyspace.shard(ROOM).mails)
    return [mail for mail in map(json.loads, kept) if mail["kind"] == MailKind.CODE]


async def code_of(site: Site, invitation_id: str) -> str:
    """The newest code, as its mail says it."""
    newest = max(await mails(site), key=lambda mail: mail["counter"])
    return site.services.links.code_for(ROOM, (await site.contents()).invitations[invitation_id], newest["counter"])


async def claim(site: Site, secret: str, code: str | None, device: Device | None = None, **who: str) -> str:
    given = await visitor(site, secret, device or Device(), **who)
    return (await claim_link(site.services, ROOM, secret, replace(given, code=code))).participant_id


async def test_the_mailed_code_and_the_address_together_claim_the_link(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        await ask_for_code(site, secret)
        code = await code_of(site, invitation_id)
        assert re.fullmatch("[0-9]{6}", code)
        assert await claim(site, secret, code)


async def test_the_code_goes_to_the_invited_address_and_to_no_other(store_url):
    with SmtpServer() as server:
        async with open_site(store_url, smtp_url=Secret(server.url), smtp_ca_file=server.ca_file, **UNHURRIED) as site:
            invitation_id, secret = await with_link(site)
            async with mailer_of(site.services):
                await ask_for_code(site, secret, "eve")
                await ask_for_code(site, secret)
                await wait_until(lambda: len(server.received) == 1)
            (mail,) = server.received
            assert mail.recipients == ["ina@example.com"]
            (code,) = set(re.findall(r"\b[0-9]{6}\b", mail.message.get_body(("plain",)).get_content()))
            assert await claim(site, secret, code)
            assert (await site.contents()).invitations[invitation_id].mail is None


async def test_without_a_code_the_address_alone_is_not_enough(store_url):
    async with open_site(store_url) as site:
        _, secret = await with_link(site)
        for name in ("ina", "eve"):
            with refused("code_required"):
                await claim(site, secret, None, name=name)


async def test_a_wrong_address_is_answered_alike_and_nothing_is_mailed(store_url):
    async with open_site(store_url) as site:
        _, secret = await with_link(site)
        wrong = await codes.ask_for_code(site.services, ROOM, secret, await visitor(site, secret, Device(), "eve"))
        assert await mails(site) == []
        right = await codes.ask_for_code(site.services, ROOM, secret, await visitor(site, secret, Device()))
        assert len(await mails(site)) == 1
        assert wrong == right


@pytest.mark.parametrize("name", ["ina", "eve"])
async def test_the_answer_comes_a_fixed_time_after_the_question(monkeypatch, name):
    monkeypatch.setattr(codes, "ANSWER_AFTER_S", 0.5)
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site)
        given, loop = await visitor(site, secret, Device(), name), asyncio.get_running_loop()
        asked_at_s = loop.time()
        await codes.ask_for_code(site.services, ROOM, secret, given)
        assert loop.time() - asked_at_s >= 0.499


async def test_a_right_code_with_a_wrong_address_and_a_wrong_code_with_the_right_one_are_refused_alike(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        await ask_for_code(site, secret)
        code = await code_of(site, invitation_id)
        other = f"{(int(code) + 1) % 1_000_000:06}"
        for given, name in ((code, "eve"), (other, "ina"), (other, "eve"), ("", "eve")):
            with refused("code_mismatch" if given else "code_required"):
                await claim(site, secret, given, name=name)
        assert await claim(site, secret, code)


async def test_a_code_is_used_once(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site, link_devices=-1)
        await ask_for_code(site, secret)
        code = await code_of(site, invitation_id)
        await claim(site, secret, code)
        with refused("code_mismatch"):
            await claim(site, secret, code)


async def test_of_two_devices_that_use_one_code_at_once_one_gets_in(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site, link_devices=-1)
        await ask_for_code(site, secret)
        code = await code_of(site, invitation_id)
        told = await outcomes(*(claim(site, secret, code) for _ in range(4)))
        assert sorted(told).count("code_mismatch") == 3


async def test_the_device_that_has_the_link_needs_no_code(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        device = Device()
        await ask_for_code(site, secret)
        first = await claim(site, secret, await code_of(site, invitation_id), device)
        assert await claim(site, secret, None, device) == first


async def test_the_sites_sign_in_with_the_invited_address_needs_no_code():
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site)
        token = site.services.site_tokens.mint_demo(
            user_id="ina", name="Ina", email="ina@example.com", now_ms=site.services.now_ms()
        )
        given = replace(await visitor(site, secret, Device()), email=None, site_token=token)
        assert (await claim_link(site.services, ROOM, secret, given)).participant_id


async def test_a_code_lives_ten_minutes(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        await ask_for_code(site, secret)
        code = await code_of(site, invitation_id)
        site.store.scripts.skew_ms = 10 * MINUTE_MS
        with refused("code_mismatch"):
            await claim(site, secret, code)


async def test_one_mail_a_minute_and_only_the_newest_code_counts(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        await ask_for_code(site, secret)
        await ask_for_code(site, secret)
        assert len(await mails(site)) == 1
        first = await code_of(site, invitation_id)
        site.store.scripts.skew_ms = MINUTE_MS
        await ask_for_code(site, secret)
        assert len(await mails(site)) == 2
        second = await code_of(site, invitation_id)
        if first != second:
            with refused("code_mismatch"):
                await claim(site, secret, first)
        await claim(site, secret, second)


async def test_after_five_wrong_ones_from_a_network_the_right_one_is_not_taken_there(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        await ask_for_code(site, secret)
        code = await code_of(site, invitation_id)
        told = [await outcomes(claim(site, secret, code, name="eve")) for _ in range(6)]
        assert told == [["code_mismatch"]] * 5 + [["too_many_attempts"]]
        with refused("too_many_attempts"):
            await claim(site, secret, code)
        assert await claim(site, secret, code, network="198.51.100.7")


async def test_a_code_is_tried_ten_times_in_all_from_wherever(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        await ask_for_code(site, secret)
        code = await code_of(site, invitation_id)
        other = f"{(int(code) + 1) % 1_000_000:06}"
        await asyncio.gather(
            *(outcomes(claim(site, secret, other, network=f"198.51.{number}.7")) for number in range(10))
        )
        with refused("code_mismatch"):
            await claim(site, secret, code)
        site.store.scripts.skew_ms = MINUTE_MS
        await ask_for_code(site, secret)
        assert await claim(site, secret, await code_of(site, invitation_id))


async def test_who_has_the_link_and_not_the_address_uses_up_no_tries_of_the_invited_person(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        await ask_for_code(site, secret)
        code = await code_of(site, invitation_id)
        for number in range(15):
            with refused("code_mismatch"):
                await claim(site, secret, code, name="eve", network=f"198.51.{number}.7")
        assert await claim(site, secret, code)


@pytest.mark.parametrize("name", ["ina", "eve"])
async def test_asking_for_codes_is_bounded_alike_for_every_address(name):
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site)
        for _ in range(5):
            await ask_for_code(site, secret, name)
        with refused("too_many_attempts"):
            await ask_for_code(site, secret, name)
        await ask_for_code(site, secret, name, network="198.51.100.7")


async def test_of_one_invitation_twenty_codes_are_mailed_a_day():
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site)
        for number in range(25):
            site.store.scripts.skew_ms = number * MINUTE_MS
            await ask_for_code(site, secret, network=f"198.51.{number}.7")
        assert len(await mails(site)) == 20


async def test_asking_to_use_another_device_needs_the_code_as_well():
    async with open_site(EMBEDDED_URL) as site:
        invitation_id, secret = await with_link(site)
        await ask_for_code(site, secret)
        await claim(site, secret, await code_of(site, invitation_id))
        with refused("code_required"):
            await ask(site, secret, "ina", Device())


async def test_a_link_that_asks_for_no_code_gets_none():
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site, email_proof=ClaimProof.TYPED)
        with refused("bad_message"):
            await ask_for_code(site, secret)
        assert await claim(site, secret, None)


async def test_without_a_mail_server_no_room_asks_for_codes():
    async with open_site(EMBEDDED_URL, smtp_url=None) as site:
        with refused("email_not_configured"):
            await rooms.create_room(
                site.services, Room(room_id="r-2", title="T", email_proof=ClaimProof.CODE), site.new_id()
            )
        await site.create_room()
        with refused("email_not_configured"):
            await rooms.edit_room(site.services, site.by(None), {"email_proof": "code"})


async def test_no_code_is_kept_anywhere(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        await ask_for_code(site, secret)
        code = await code_of(site, invitation_id)
        redis, kept = site.store.redis, []
        for key in await redis.keys("*codes*") + await redis.keys("*mail*"):
            kind = (await redis.type(key)).decode()
            kept.append(await (redis.hgetall(key) if kind == "hash" else redis.xrange(key)))
        assert kept
        assert not re.search(rf"(?<![0-9]){code}(?![0-9])", repr(kept))
        assert await redis.pttl(site.store.keyspace.room(ROOM).codes(invitation_id)) > 0

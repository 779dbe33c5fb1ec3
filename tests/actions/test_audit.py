"""Who did what, and who was refused and why: kept with the change itself, and never with a secret."""

from __future__ import annotations

import pytest

from client_sim.device import Device
from server.actions.audit import read_audit, read_refusals
from server.actions.links import Visitor, look_at_link
from server.actions.sanctions import ban
from server.domain.audit import AuditLine, RefusalLine
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from tests.actions.stage import BOSS, CASES, LOGGED, Stage, ask, set_stage
from tests.support.refusing import outcomes, refused
from tests.support.rooms import ROOM, Site, open_site

# What somebody does with their own hand is no act upon others.
HANDS = {"hand.raise", "hand.lower", "hands.clear"}


async def acts(site: Site) -> list[AuditLine]:
    return await read_audit(site.services, site.by(None), before=None, limit=200)


async def refusals(site: Site) -> list[RefusalLine]:
    return await read_refusals(site.services, site.by(None), before=None, limit=200)


@pytest.mark.parametrize("name", [name for name in LOGGED if name not in HANDS])
async def test_every_act_leaves_a_line_with_who_did_it(store_url, name):
    async with open_site(store_url) as site:
        stage = await set_stage(site, CASES[name])
        before = await site.seq()
        await stage.run(CASES[name], BOSS)
        lines = [line for line in await acts(site) if line.seq > before]
        assert stage.id_of(BOSS) in {line.by for line in lines}
        assert {line.seq for line in lines} <= {entry.seq for entry in await site.entries(before)}


async def test_a_line_names_what_was_changed(store_url):
    async with open_site(store_url) as site:
        stage = await set_stage(site)
        await stage.run(CASES["role.change"], BOSS)
        line = (await acts(site))[0]
        assert (line.name, line.details) == ("role_changed", {"old": "viewer", "new": "speaker"})
        assert ("person", stage.id_of("vera")) in line.subjects


async def test_what_was_refused_leaves_no_line(store_url):
    async with open_site(store_url) as site:
        stage = await set_stage(site)
        before = await acts(site)
        with refused("role_forbidden"):
            await stage.run(CASES["role.change"], "vic")
        assert await acts(site) == before


async def test_the_same_request_again_leaves_one_line(store_url):
    async with open_site(store_url) as site:
        stage = await set_stage(site)
        before = len(await acts(site))
        for _ in range(3):
            await stage.run(CASES["participant.ban"], BOSS)
        assert len(await acts(site)) == before + 1


async def test_pages_of_the_audit_hold_every_line_once_the_newest_first():
    async with open_site(EMBEDDED_URL) as site:
        await set_stage(site)
        whole, found, before = await acts(site), [], None
        while page := await read_audit(site.services, site.by(None), before=before, limit=3):
            found += page
            before = page[-1].seq
        assert found == whole
        assert [line.seq for line in whole] == sorted((line.seq for line in whole), reverse=True)


async def test_neither_stream_holds_a_secret_an_address_or_a_device_whole(store_url):
    async with open_site(store_url) as site:
        stage = await set_stage(site)
        made, device = await site.invite("mona"), Device()
        await outcomes(site.claim(made["secret"], "eve", device))
        await site.claim(made["secret"], "mona", device)
        for name in ("device.allow", "participant.ban", "invitation.revoke"):
            await stage.run(CASES[name], BOSS, name)
        keys = site.store.keyspace.room(ROOM)
        kept = repr([await site.store.redis.xrange(key) for key in (keys.audit, keys.refusals)])
        invitation = (await site.contents()).invitations[made["invitation_id"]]
        assert "email_mismatch" in kept
        for secret in (made["secret"], invitation.secret_hash, device.thumbprint, "@", "eve", "Mona"):
            assert secret not in kept, secret


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def with_link(site: Site) -> tuple[str, str]:
    await site.create_room()
    await site.bring_in("boss", Role.MANAGER)
    made = await site.invite("ina")
    return made["invitation_id"], made["secret"]


async def test_who_was_refused_at_a_link_is_kept_with_why(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        device = Device()
        with refused("email_mismatch"):
            await site.claim(secret, "eve", device, network="192.0.2.77")
        (line,) = await refusals(site)
        assert (line.door, line.code, line.invitation_id) == ("claim", "email_mismatch", invitation_id)
        assert (line.network, line.device_id) == ("192.0.2.0/24", device.thumbprint[:12])


async def test_an_unknown_link_of_a_room_is_kept_and_one_of_no_room_is_not(store_url):
    async with open_site(store_url) as site:
        await with_link(site)
        with refused("invite_unknown"):
            await site.look("A" * 27, Visitor(network="192.0.2.1"))
        assert [(line.code, line.invitation_id) for line in await refusals(site)] == [("invite_unknown", None)]
        before = await site.store.redis.keys("*")
        for room_id in ("room-2", "no room", "x" * 100):
            with refused("invite_unknown"):
                await look_at_link(site.services, room_id, "A" * 27, Visitor(network="192.0.2.1"))
        assert await site.store.redis.keys("*") == before


async def test_a_question_that_is_refused_is_kept():
    async with open_site(EMBEDDED_URL) as site:
        _, secret = await with_link(site)
        await site.claim(secret, "ina", Device())
        with refused("email_mismatch"):
            await ask(site, secret, "eve", Device())
        assert [(line.door, line.code) for line in await refusals(site)] == [("ask", "email_mismatch")]


async def test_somebody_banned_is_kept_at_each_try(store_url):
    async with open_site(store_url) as site:
        invitation_id, secret = await with_link(site)
        device = Device()
        site.ids["ina"] = (await site.claim(secret, "ina", device)).participant_id
        await ban(site.services, site.by("boss"), site.ids["ina"])
        with refused("banned"):
            await site.claim(secret, "ina", device)
        assert [(line.code, line.invitation_id) for line in await refusals(site)] == [("banned", invitation_id)]


async def test_refusals_are_bounded_and_go_with_the_room(store_url, monkeypatch):
    monkeypatch.setattr("server.store.audit.REFUSALS_KEPT", 5)
    async with open_site(store_url) as site:
        await with_link(site)
        key = site.store.keyspace.room(ROOM).refusals
        for number in range(300):
            await site.store.audit.note_refusal(ROOM, {"door": "claim", "code": f"c{number}", "network": "n"})
        assert await site.store.redis.xlen(key) < 200
        assert (await refusals(site))[0].code == "c299"
        assert await site.store.redis.pttl(key) > 0


@pytest.mark.parametrize("name", ["mod", "spike", "vic"])
async def test_only_managers_read_them(name):
    async with open_site(EMBEDDED_URL) as site:
        stage: Stage = await set_stage(site)
        for read in (read_audit, read_refusals):
            with refused("role_forbidden"):
                await read(site.services, stage.site.by(name), before=None, limit=10)

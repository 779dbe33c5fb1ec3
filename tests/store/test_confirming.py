"""What must not vanish is answered once replicas have it; where they do not in time, that is said, and may be asked again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from client_sim.device import Device
from server.actions import let_in, roles
from server.domain.person import PersonState
from server.domain.refusals import Unconfirmed
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from server.store import confirming
from server.store.confirming import CONFIRMED
from tests.support.ports import HOST
from tests.support.redis_server import RedisServer
from tests.support.rooms import ROOM, Site, open_site
from tests.support.waiting import wait_until

SCRIPTS = Path(confirming.__file__).parent / "scripts"
# Long enough for a yes on a machine that stands still for a while; `HASTY` for a no, which always takes as long.
CONFIRM = {"confirm_replicas": 1, "confirm_timeout_ms": 10_000}
HASTY = {"confirm_timeout_ms": 500}


@pytest.fixture
def replica(redis_server: RedisServer) -> Iterator[RedisServer]:
    """A replica of `redis_server`; see `follows`."""
    redis_server.command("CONFIG", "SET", "repl-diskless-sync-delay", "0")
    with RedisServer() as server:
        server.command("REPLICAOF", HOST, str(redis_server.port))
        yield server


async def follows(master: RedisServer) -> None:
    """Wait until its replica has all that it has."""

    def is_level() -> bool:
        told = master.command("INFO", "replication")
        theirs, own = re.search(r"state=online,offset=(\d+)", told), re.search(r"master_repl_offset:(\d+)", told)
        return bool(theirs and own and theirs[1] == own[1] != "0")

    await wait_until(is_level, 10, "a replica that has everything")


async def hall(site: Site) -> None:
    await site.create_room()
    await site.bring_in("maya", Role.MANAGER)
    await site.bring_in("vito")


async def test_with_a_replica_that_follows_everything_is_answered(redis_server, replica):
    await follows(redis_server)
    async with open_site(redis_server.url, **CONFIRM) as site:
        await hall(site)
        answer = await roles.change_role(site.services, site.by("maya"), site.ids["vito"], Role.SPEAKER)
        assert answer["changed"]


async def test_a_change_that_no_replica_has_is_unconfirmed_until_one_has_it_and_is_done_once(redis_server, replica):
    await follows(redis_server)
    async with open_site(redis_server.url, **CONFIRM) as site:
        await hall(site)
        hasty = await site.add_node(**HASTY)
        replica.stop()
        request = site.by("maya", "promotion")
        for _ in range(2):  # asked again it is no truer
            with pytest.raises(Unconfirmed):
                await roles.change_role(hasty, request, site.ids["vito"], Role.SPEAKER)
        replica.cont()
        answer = await roles.change_role(site.services, request, site.ids["vito"], Role.SPEAKER)
        assert answer["role_rev"] == (await site.person("vito")).role_rev == 2


async def test_that_nothing_had_to_be_done_is_only_as_true_as_what_it_leans_on(redis_server, replica):
    await follows(redis_server)
    async with open_site(redis_server.url, **CONFIRM) as site:
        await hall(site)
        hasty = await site.add_node(**HASTY)
        replica.stop()
        for _ in range(2):  # another request each time; for the second they are a speaker already
            with pytest.raises(Unconfirmed):
                await roles.change_role(hasty, site.by("maya"), site.ids["vito"], Role.SPEAKER)


async def test_a_claim_that_no_replica_has_is_unconfirmed_and_the_devices_once_one_has(redis_server, replica):
    await follows(redis_server)
    async with open_site(redis_server.url, **CONFIRM) as site:
        await hall(site)
        secret, device = (await site.invite("iris"))["secret"], Device()
        hasty = await site.add_node(**HASTY)
        replica.stop()
        for _ in range(2):  # the second time the device is known already
            with pytest.raises(Unconfirmed):
                await site.claim(secret, "iris", device, on=hasty)
        replica.cont()
        signed_in = await site.claim(secret, "iris", device)
        assert (await site.contents()).people[signed_in.participant_id].email == "iris@example.com"


async def test_a_claim_that_is_gone_is_not_confirmed_by_the_device_being_remembered(redis_server, replica):
    await follows(redis_server)
    async with open_site(redis_server.url, **CONFIRM) as site:
        await hall(site)
        invited, device = await site.invite("iris"), Device()
        await site.claim(invited["secret"], "iris", device)
        key = site.store.keyspace.room(ROOM).invitations
        invitation = (await site.contents()).invitations[invited["invitation_id"]]
        (claimed,) = invitation.devices.values()
        await site.store.redis.hset(key, invited["invitation_id"], f'{{"moved_devices":{{"{claimed.device_id}":1}}}}')
        with pytest.raises(Unconfirmed):
            await site.store.invitations.confirm_claim(ROOM, invited["invitation_id"], claimed)


async def test_an_answer_that_a_failover_took_back_is_unconfirmed(redis_server, replica):
    await follows(redis_server)
    async with open_site(redis_server.url, **CONFIRM) as site:
        await hall(site)
        with pytest.raises(Unconfirmed):
            await site.store.scripts.confirm_answer(ROOM, "a request that this server never had")


async def test_without_any_replica_admissions_are_unconfirmed_and_hands_go_up(redis_server):
    async with open_site(redis_server.url) as plain, open_site(redis_server.url, **CONFIRM | HASTY) as site:
        await hall(plain)
        site.ids = plain.ids
        with pytest.raises(Unconfirmed):
            await let_in.admit_all(site.services, site.by("maya", "admission"))
        await roles.raise_hand(site.services, site.by("vito"))
        assert (await site.person("vito")).hand_raised_at_ms is not None
        assert (await site.person("vito")).state is PersonState.INSIDE


async def test_a_server_that_forgot_its_scripts_is_given_them_again(redis_server, replica):
    await follows(redis_server)
    async with open_site(redis_server.url, **CONFIRM) as site:
        await hall(site)
        for role in (Role.SPEAKER, Role.VIEWER):
            redis_server.command("SCRIPT", "FLUSH")
            await roles.change_role(site.services, site.by("maya"), site.ids["vito"], role)


async def test_a_server_that_became_a_replica_confirms_nothing(redis_server, replica):
    await follows(redis_server)
    async with open_site(redis_server.url, **CONFIRM) as site:
        await hall(site)
        await roles.change_role(site.services, site.by("maya", "kept"), site.ids["vito"], Role.SPEAKER)
        replica.command("REPLICAOF", "NO", "ONE")
        redis_server.command("REPLICAOF", HOST, str(replica.port))
        for request_id in ("kept", "unknown"):
            with pytest.raises(Unconfirmed):
                await site.store.scripts.confirm_answer(ROOM, request_id)
        redis_server.command("REPLICAOF", "NO", "ONE")


async def test_a_server_that_goes_away_while_it_is_waited_for_has_confirmed_nothing(redis_server, replica):
    await follows(redis_server)
    async with open_site(redis_server.url, **CONFIRM) as site:
        await hall(site)
        redis_server.kill()
        with pytest.raises(Unconfirmed):
            await site.store.scripts.confirm_answer(ROOM, "any")
        redis_server.restart()


async def test_the_store_inside_the_process_has_no_replicas_to_wait_for():
    async with open_site(EMBEDDED_URL, **CONFIRM) as site:
        await hall(site)
        await roles.change_role(site.services, site.by("maya"), site.ids["vito"], Role.SPEAKER)


@pytest.mark.parametrize("name", sorted(CONFIRMED))
def test_what_is_waited_for_keeps_its_answer(name):
    assert "answer(" in (SCRIPTS / f"{name}.lua").read_text()

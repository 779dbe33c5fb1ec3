"""Two who do contradictory things at once, on two nodes: one of them wins, the other is told, and both nodes agree."""

from __future__ import annotations

import pytest

from client_sim.device import Device
from server.actions import let_in, line, presence, roles, rooms, sanctions
from server.actions.services import Services
from server.domain.person import PersonState
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from tests.support.refusing import DONE, outcomes
from tests.support.rooms import HOUR_MS, ROOM, Site, open_site
from tests.support.verifying import verify_action

ROUNDS = 8


async def two_nodes(site: Site, **room: object) -> tuple[Services, Services]:
    await site.create_room(**{"locked": True, **room})
    await site.bring_in("boss", Role.MANAGER)
    await site.bring_in("mod", Role.MODERATOR)
    return site.services, await site.add_node()


async def test_admit_and_decline_are_decided_once(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site)
        for number in range(ROUNDS):
            who = await site.arrive(f"w{number}")
            async with verify_action(site) as caused:
                told = await outcomes(
                    let_in.admit(here, site.by("boss"), [who]), line.decline(there, site.by("mod"), who, None)
                )
            assert sorted(told) == ["already_decided", DONE]
            assert caused.names == ["participants_joined" if told[0] == DONE else "waiter_declined"]


async def test_a_waiter_admitted_twice_joins_once(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site)
        who = await site.arrive("wanda")
        async with verify_action(site) as caused:
            told = await outcomes(let_in.admit(here, site.by("boss"), [who]), let_in.admit(there, site.by("mod"), [who]))
        assert sorted(told) == ["already_decided", DONE]
        assert caused.names == ["participants_joined"]


async def test_of_two_groups_that_overlap_each_hears_whom_it_admitted(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site)
        a, b, c = [await site.arrive(name) for name in ("ann", "bob", "cat")]
        first = await let_in.admit(here, site.by("boss"), [a, b])
        second = await let_in.admit(there, site.by("mod"), [b, c])
        assert (first["admitted"], second["admitted"], second["already_decided"]) == ([a, b], [c], [b])


async def test_promotion_and_demotion_end_in_one_role_that_the_log_tells(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site)
        who = await site.bring_in("vic", Role.SPEAKER)
        async with verify_action(site) as caused:
            told = await outcomes(
                roles.change_role(here, site.by("boss"), who, Role.MODERATOR),
                roles.change_role(there, site.by("mod"), who, Role.VIEWER),
            )
        assert told == [DONE, DONE]
        chain = [(event.old, event.new) for event in caused.events]
        assert chain[0][1] == chain[1][0]
        assert (await site.person("vic")).role == chain[1][1]
        assert (await site.person("vic")).role_rev == 3


async def test_two_moderators_who_demote_each_other_are_not_both_moderators(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site)
        await site.bring_in("max", Role.MODERATOR)
        told = await outcomes(
            roles.change_role(here, site.by("mod"), site.ids["max"], Role.VIEWER),
            roles.change_role(there, site.by("max"), site.ids["mod"], Role.VIEWER),
        )
        assert sorted(told) == [DONE, "role_forbidden"]


async def test_nobody_is_admitted_into_a_session_that_has_ended(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site)
        who = await site.arrive("wanda")
        told = await outcomes(rooms.end_session(here, site.by("boss")), let_in.admit(there, site.by("mod"), [who]))
        names = [entry.event.name for entry in await site.entries()]
        assert told[0] == DONE
        assert names[-1] == "room_changed"
        assert told[1] == (DONE if "participants_joined" in names[-2:] else "session_ended")


@pytest.mark.parametrize("act", ["admit", "admit_all", "decline", "send_back"])
async def test_the_line_of_a_session_that_has_ended_stays_as_it_is(act):
    async with open_site(EMBEDDED_URL) as site:
        here, _ = await two_nodes(site)
        who = await site.arrive("wanda")
        await rooms.end_session(here, site.by("boss"))
        acts = {
            "admit": lambda: let_in.admit(here, site.by("boss"), [who]),
            "admit_all": lambda: let_in.admit_all(here, site.by("boss")),
            "decline": lambda: line.decline(here, site.by("boss"), who, None),
            "send_back": lambda: line.send_back(here, site.by("boss"), site.ids["mod"]),
        }
        assert await outcomes(acts[act]()) == ["session_ended"]
        assert (await site.person("wanda")).state is PersonState.WAITING


async def test_who_comes_as_the_door_is_locked_is_before_it_or_behind_it(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site, locked=False)
        for number in range(ROUNDS):
            await site.meet(f"v{number}")
            async with verify_action(site) as caused:
                told = await outcomes(rooms.lock_room(here, site.by("boss")), site.open_tab(f"v{number}", on=there))
            assert told == [DONE, DONE]
            came_first = caused.names == ["participants_joined", "room_changed"]
            assert came_first or caused.names == ["room_changed", "waiters_added"]
            await rooms.unlock_room(here, site.by("boss"))


async def test_who_comes_as_the_door_is_unlocked_is_inside_when_all_is_done(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site)
        for number in range(ROUNDS):
            await site.meet(f"v{number}")
            await outcomes(rooms.unlock_room(here, site.by("boss")), site.open_tab(f"v{number}", on=there))
            assert (await site.person(f"v{number}")).is_participant
            await rooms.lock_room(here, site.by("boss"))


async def test_a_session_started_twice_starts_once(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site, starts_at_ms=await site.now_ms() + HOUR_MS)
        async with verify_action(site) as caused:
            told = await outcomes(rooms.start_session(here, site.by("boss")), rooms.start_session(there, site.by("mod")))
        assert sorted(told) == ["already_live", DONE]
        assert [event.what for event in caused.events] == ["opening", "opened"]


async def test_two_nodes_that_see_the_start_open_the_session_once(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site, starts_at_ms=await site.now_ms() - 1)
        async with verify_action(site) as caused:
            await outcomes(let_in.open_by_time(here, ROOM), let_in.open_by_time(there, ROOM))
        assert [event.what for event in caused.events] == ["opening", "opened"]


async def test_two_nodes_that_see_the_start_of_a_room_that_a_host_opens_say_so_once(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site, starts_at_ms=await site.now_ms() - 1, opens="by_host")
        async with verify_action(site) as caused:
            await outcomes(let_in.open_by_time(here, ROOM), let_in.open_by_time(there, ROOM))
        assert [event.what for event in caused.events] == ["start_reached"]


async def test_somebody_removed_twice_is_removed_once(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site)
        who = await site.bring_in("vic")
        async with verify_action(site) as caused:
            told = await outcomes(sanctions.remove(here, site.by("boss"), who), sanctions.remove(there, site.by("mod"), who))
        assert sorted(told) == ["already_decided", DONE]
        assert caused.names == ["participant_removed"]


async def test_a_tab_that_enters_as_its_person_is_banned_is_not_inside(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site)
        for number in range(ROUNDS):
            name = f"v{number}"
            who = await site.bring_in(name)
            told = await outcomes(sanctions.ban(here, site.by("boss"), who), site.open_tab(name, "2", on=there))
            assert told[0] == DONE
            assert told[1] in (DONE, "banned")
            assert (await site.person(name)).state is PersonState.BANNED


@pytest.mark.parametrize("devices", [2, 50])
async def test_of_many_devices_that_claim_one_link_exactly_one_gets_it(store_url, devices):
    async with open_site(store_url) as site:
        await two_nodes(site)
        there = await site.add_node()
        secret = (await site.invite("ina"))["secret"]
        claims = [
            site.claim(secret, "ina", Device(), on=[site.services, there][n % 2], network=f"192.0.2.{n}") for n in range(devices)
        ]
        async with verify_action(site) as caused:
            told = await outcomes(*claims)
        assert sorted(told) == [DONE] + ["invite_used"] * (devices - 1)
        assert [event.what for event in caused.events] == ["opened", "claimed"]


async def test_one_device_that_claims_on_two_nodes_at_once_is_one_participant(store_url):
    async with open_site(store_url) as site:
        here, there = await two_nodes(site)
        secret, device = (await site.invite("ina"))["secret"], Device()
        told = await outcomes(site.claim(secret, "ina", device, on=here), site.claim(secret, "ina", device, on=there))
        assert told == [DONE, DONE]
        assert len([p for p in (await site.contents()).people.values() if p.email == "ina@example.com"]) == 1


async def test_two_sign_ins_of_one_user_at_once_are_one_person(store_url):
    async with open_site(store_url) as site:
        await two_nodes(site)
        assert await outcomes(site.sign_in("olga"), site.sign_in("olga")) == [DONE, DONE]
        assert len([p for p in (await site.contents()).people.values() if p.user_id == "olga"]) == 1


async def test_a_grace_that_is_over_as_the_tab_comes_back_leaves_the_person_inside(store_url):
    async with open_site(store_url, participant_grace_ms=0) as site:
        here, there = await two_nodes(site)
        for number in range(ROUNDS):
            name = f"v{number}"
            await site.bring_in(name)
            await site.close_tab(name, at_once=False)
            await outcomes(presence.grace_over(here, ROOM, site.ids[name]), site.open_tab(name, "2", on=there))
            assert (await site.person(name)).is_participant

"""Between the facts and the script anything may happen: whoever has lost the right by then does nothing any more."""

from __future__ import annotations

import pytest

from server.actions import roles, sanctions
from server.actions.services import Services
from server.domain.refusals import Refusal
from server.domain.roles import Role
from server.store.facts import Facts
from tests.actions.stage import BOSS, CASES, HOSTS_ONLY, MANAGERS, MOD, Stage, set_stage
from tests.support.rooms import Site, open_site

# What is only read is read on the facts of one instant: there is nothing in between.
NOTHING_BETWEEN = {name for name, case in CASES.items() if case.silent}
# Its rows say so, each by itself: see test_bulk.py.
ANSWERED_BY_ROWS = {"invitation.bulk"}
CHANGING = [name for name in HOSTS_ONLY if name not in NOTHING_BETWEEN | ANSWERED_BY_ROWS]


def interrupt(services: Services, monkeypatch, interruption) -> None:
    """Let `interruption` happen on another node once, just after this node has read the facts."""
    read, done = services.store.facts, []

    async def facts_then_interruption(*args: object, **wanted: object) -> Facts:
        facts = await read(*args, **wanted)
        if not done:
            done.append(True)
            await interruption()
        return facts

    monkeypatch.setattr(services.store, "facts", facts_then_interruption)


async def _demote(site: Site, other: Services, actor: str) -> None:
    """A host becomes a viewer; a manager too, though only the store itself can do that."""
    person = await site.person(actor)
    await other.store.people.change_role(
        "room-1", person.participant_id, old=person.role, new=Role.VIEWER, by=None, seen={}, request_id=None
    )


async def _remove(site: Site, other: Services, actor: str) -> None:
    await other.store.people.remove("room-1", site.ids[actor], ban=False, by=None, seen={}, request_id=None)


async def _send_back(site: Site, other: Services, actor: str) -> None:
    await other.store.people.send_back("room-1", site.ids[actor], by="", seen={}, request_id=None)


LOSSES = {
    "demoted": (_demote, "role_forbidden", "role_changed"),
    "removed": (_remove, "not_inside", "participant_removed"),
    "sent back": (_send_back, "not_inside", "sent_back"),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", CHANGING)
async def test_who_loses_the_right_between_the_facts_and_the_script_does_nothing(store_url, monkeypatch, name, loss):
    async with open_site(store_url) as site:
        stage = await set_stage(site, CASES[name])
        actor = BOSS if CASES[name].allowed == MANAGERS else MOD
        other = await site.add_node()
        lose, code, logged = LOSSES[loss]
        interrupt(site.services, monkeypatch, lambda: lose(site, other, actor))
        before = await site.seq()
        with pytest.raises(Refusal) as refused:
            await stage.run(CASES[name], actor)
        assert refused.value.code == code
        assert [entry.event.name for entry in await site.entries(before)] == [logged]


@pytest.mark.parametrize("name", ["hand.raise"])
async def test_a_hand_is_not_raised_by_somebody_just_removed(store_url, monkeypatch, name):
    async with open_site(store_url) as site:
        stage = await set_stage(site)
        other = await site.add_node()
        interrupt(site.services, monkeypatch, lambda: _remove(site, other, "vic"))
        with pytest.raises(Refusal) as refused:
            await stage.run(CASES[name], "vic")
        assert refused.value.code == "not_inside"


async def test_a_target_that_moved_is_looked_at_again(store_url, monkeypatch):
    async with open_site(store_url) as site:
        stage = await set_stage(site)
        other = await site.add_node()
        promoted = _promote_to_manager(site, other, "vera")
        interrupt(site.services, monkeypatch, lambda: promoted)
        with pytest.raises(Refusal) as refused:
            await stage.run(CASES["role.change"], MOD)
        assert refused.value.code == "role_forbidden"
        assert (await site.person("vera")).role is Role.MANAGER


async def _promote_to_manager(site: Site, other: Services, name: str) -> None:
    person = await site.person(name)
    await other.store.people.change_role(
        "room-1", person.participant_id, old=person.role, new=Role.MANAGER, by=None, seen={}, request_id=None
    )


async def test_a_fact_that_moves_without_harm_is_read_again_and_the_thing_is_done(store_url, monkeypatch):
    async with open_site(store_url) as site:
        stage = await set_stage(site)
        other = await site.add_node()

        async def raise_the_own_hand() -> None:
            await roles.raise_hand(other, site.by(MOD))

        interrupt(site.services, monkeypatch, raise_the_own_hand)
        await stage.run(CASES["role.change"], MOD)
        assert (await site.person("vera")).role is Role.SPEAKER


async def test_facts_that_never_hold_still_are_answered_with_busy(store_url, monkeypatch):
    async with open_site(store_url) as site:
        stage: Stage = await set_stage(site)
        other = await site.add_node()
        read = site.services.store.facts
        hands = [roles.raise_hand, lambda services, request: roles.lower_hand(services, request, None)]

        async def facts_then_a_hand(*args: object, **wanted: object) -> Facts:
            facts = await read(*args, **wanted)
            hand = hands[0]
            hands.reverse()
            await hand(other, site.by(MOD))
            return facts

        monkeypatch.setattr(site.services.store, "facts", facts_then_a_hand)
        with pytest.raises(Refusal) as refused:
            await sanctions.remove(site.services, site.by(MOD), stage.id_of("vera"))
        assert refused.value.code == "busy"
        assert (await site.person("vera")).is_participant

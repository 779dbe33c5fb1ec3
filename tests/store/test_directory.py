"""The directory in Redis: a person's index is never another than their record, and a search is bounded."""

from __future__ import annotations

import asyncio
import random

import pytest

from server.actions.directory import PersonRow, delete_person, list_people, put_people
from server.domain.directory import fold, words_for
from server.domain.request_id import RequestId
from server.store import directory as directory_store
from tests.support.refusing import refused
from tests.support.rooms import Site, open_site


def row(email: str, first_name: str = "Ada", last_name: str = "Lovelace", external_id: str | None = None) -> PersonRow:
    return PersonRow(email=email, first_name=first_name, last_name=last_name, external_id=external_id)


async def put(site: Site, *rows: PersonRow) -> list[str]:
    """The status, or the code of the refusal, of each row."""
    outcomes = await put_people(site.services, site.by(None), rows)
    return [outcome.refusal.code if outcome.refusal else outcome.status for outcome in outcomes]


async def emails(site: Site, search: str | None = None, limit: int = 100) -> list[str]:
    """All that is found, page by page."""
    found, after = [], None
    while True:
        page = await list_people(site.services, search=search, after=after, limit=limit)
        found += [person.email for person in page.people]
        after = page.after
        if after is None:
            return found


async def check_index(site: Site) -> None:
    """Everything that finds a person says what their record says, and nothing else is there."""
    keys, redis = site.store.keyspace.directory, site.store.redis
    people = (await site.store.directory.page([], after=None, limit=200)).people
    assert await redis.hlen(keys.people) == len(people)
    index = {f"{word}\0{p.person_id}" for p in people for word in words_for(p.email, p.first_name, p.last_name)}
    assert {member.decode() for member in await redis.zrange(keys.index, 0, -1)} == index
    assert {member.decode() for member in await redis.zrange(keys.listed, 0, -1)} == {f"{p.email}\0{p.person_id}" for p in people}
    assert await redis.hgetall(keys.addresses) == {p.email.encode(): p.person_id.encode() for p in people}
    externals = {p.external_id.encode(): p.person_id.encode() for p in people if p.external_id}
    assert await redis.hgetall(keys.external_ids) == externals
    assert {who.decode() for who in await redis.hkeys(keys.words)} == {p.person_id for p in people}


CASES = [
    pytest.param([row("a@x.org")], row("a@x.org"), "unchanged", id="the same again"),
    pytest.param([row("a@x.org")], row("A@X.ORG"), "unchanged", id="in capitals"),
    pytest.param([row("a@x.org")], row("a@x.org", "Ida"), "updated", id="another name"),
    pytest.param([row("a@x.org")], row("b@x.org"), "created", id="another address"),
    pytest.param([row("a@x.org")], row("a@x.org", external_id="1"), "updated", id="takes on an external id"),
    pytest.param([row("a@x.org", external_id="1")], row("a@x.org"), "unchanged", id="keeps the external id"),
    pytest.param([row("a@x.org", external_id="1")], row("b@x.org", external_id="1"), "updated", id="moves to an address"),
    pytest.param([row("a@x.org", external_id="1")], row("a@x.org", external_id="2"), "address_taken", id="another's address"),
    pytest.param(
        [row("a@x.org", external_id="1"), row("b@x.org")], row("b@x.org", external_id="1"), "address_taken", id="a third's"
    ),
    pytest.param([], row("no address"), "row_invalid", id="no address"),
    pytest.param([], row("mi\u212ae@x.org"), "row_invalid", id="a Kelvin sign"),
    pytest.param([], row("a@x.org", " "), "row_invalid", id="no name"),
    pytest.param([], row("a@x.org", "\u200b"), "row_invalid", id="an invisible name"),
    pytest.param([], row("a@x.org", "x" * 101), "row_invalid", id="a long name"),
    pytest.param([], row("a@x.org", external_id=""), "row_invalid", id="an empty external id"),
    pytest.param([], row("a@x.org", external_id="x" * 129), "row_invalid", id="a long external id"),
    pytest.param([], row("a@x.org", external_id="\n"), "row_invalid", id="an external id that does not print"),
]


@pytest.mark.parametrize(("before", "one", "expected"), CASES)
async def test_a_row_is_found_by_external_id_else_by_address(store_url, before, one, expected):
    async with open_site(store_url) as site:
        await put(site, *before)
        assert await put(site, one) == [expected]
        await check_index(site)


async def test_a_wrong_row_stops_no_other(store_url):
    async with open_site(store_url) as site:
        rows = [row("a@x.org"), row("nobody"), row("b@x.org", external_id="1"), row("b@x.org", external_id="2"), row("c@x.org")]
        assert await put(site, *rows) == ["created", "row_invalid", "created", "address_taken", "created"]
        assert await emails(site) == ["a@x.org", "b@x.org", "c@x.org"]


async def test_who_is_deleted_is_found_no_more_and_their_address_is_free(store_url):
    async with open_site(store_url) as site:
        await put(site, row("a@x.org", external_id="1"), row("b@x.org"))
        person_id = (await site.store.directory.page(["a@x"], after=None, limit=1)).people[0].person_id
        await delete_person(site.services, site.by(None, "r1"), person_id)
        await delete_person(site.services, site.by(None, "r1"), person_id)
        with refused("person_unknown"):
            await delete_person(site.services, site.by(None), person_id)
        await check_index(site)
        assert await put(site, row("a@x.org", external_id="2")) == ["created"]


async def test_the_same_upload_again_gets_the_first_answer_and_another_under_its_name_is_refused(store_url):
    async with open_site(store_url) as site:
        fields = {"email": "a@x.org", "first_name": "A", "last_name": "B", "person_id": "d1", "words": ["a"]}
        named = RequestId("r", fingerprint="one")
        first = await site.store.directory.upsert([fields], request_id=named)
        assert await site.store.directory.upsert([{**fields, "person_id": "d2"}], request_id=named) == first
        with refused("idempotency_mismatch"):
            await site.store.directory.upsert([fields], request_id=RequestId("r", fingerprint="two"))


async def test_the_same_people_from_two_nodes_at_once_are_stored_once(store_url):
    async with open_site(store_url) as site:
        rows = [row(f"p{number}@x.org", external_id=str(number)) for number in range(120)]
        other = await site.add_node()
        both = await asyncio.gather(*(put_people(node, site.by(None), rows) for node in (site.services, other)))
        statuses = [{one.status, two.status} for one, two in zip(*both, strict=True)]
        assert statuses == [{"created", "unchanged"}] * 120
        await check_index(site)


async def test_a_full_directory_takes_nobody_new_and_still_changes_who_is_there(store_url):
    async with open_site(store_url, max_directory_people=2) as site:
        rows = [row("a@x.org"), row("b@x.org"), row("c@x.org"), row("a@x.org", "Ida")]
        assert await put(site, *rows) == ["created", "created", "directory_full", "updated"]


async def test_more_than_a_thousand_rows_are_refused_and_none_is_stored(store_url):
    async with open_site(store_url) as site:
        with refused("too_many_rows"):
            await put(site, *[row(f"p{number}@x.org") for number in range(1_001)])
        assert await emails(site) == []


@pytest.mark.parametrize("limit", [1, 3, 64, 200])
async def test_pages_hold_everybody_once_in_a_lasting_order(store_url, limit):
    async with open_site(store_url) as site:
        rows = [row(f"p{number:03}@x.org", "Maria Martha", f"Mar{number}") for number in range(150)]
        await put(site, *rows)
        addresses = [one.email for one in rows]
        assert await emails(site, limit=limit) == addresses
        assert sorted(await emails(site, "mar", limit=limit)) == addresses


async def test_a_search_finds_what_a_reading_of_all_people_finds(store_url):
    chance = random.Random(7)
    names = ["Anna", "André", "Ångström", "Jean-Luc", "Łukasz", "Maria", "María José", "O'Neil", "=1+1", "@home", "北京"]
    async with open_site(store_url) as site:
        rows = [row(f"q{number}@x.org", chance.choice(names), chance.choice(names)) for number in range(120)]
        await put(site, *rows)
        for text in ("an", "ma jo", "luk", "o'n", "=1", "@h", "jean", "lu", "q1 an", "北京", "zz", "ma ma", "neil", "q10@x.org"):
            asked = fold(text).split()
            expected = {
                one.email for one in rows
                if all(any(w.startswith(a) for w in words_for(one.email, one.first_name, one.last_name)) for a in asked)
            }
            assert set(await emails(site, text, limit=7)) == expected, text


async def test_a_search_looks_at_so_many_and_no_more(store_url, monkeypatch):
    monkeypatch.setattr(directory_store, "MOST_LOOKED_AT", 64)
    async with open_site(store_url) as site:
        rows = [row(f"p{number:03}@x.org", "Maria", "Abel") for number in range(199)]
        await put(site, *rows, row("p199@x.org", "Mariam", "Zorn"))
        page = await site.store.directory.page(["maria", "zorn"], after=None, limit=8)
        assert page.people == []
        assert page.after is not None
        found = await site.store.directory.suggest(["maria", "zorn"], asker="", limit=8)
        assert [person.email for person in found] == ["p199@x.org"]


async def test_the_keys_of_the_directory_lie_in_one_slot_and_nothing_else_is_kept_for_ever(store_url):
    async with open_site(store_url) as site:
        await put(site, row("a@x.org", external_id="1"))
        await site.store.directory.suggest(["ada"], asker="room-1:p-boss", limit=8)
        keys = site.store.keyspace.directory
        assert await site.store.redis.pttl(keys.asked("room-1:p-boss")) > 0
        assert all("{directory}" in key for key in keys.all_of_people("r"))

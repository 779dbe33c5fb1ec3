"""The people of a room in the order of their list: groups, pages that stay good, and finding somebody by a part of a name."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from server.domain.person import Person, PersonState
from server.domain.roles import Role
from server.domain.roster import PARTICIPANTS, SEARCHED_CHARS, Group, Query, Roster, folded


def somebody(name: str, role: Role = Role.VIEWER, **fields) -> Person:
    made = {"participant_id": f"p-{name}", "name": name, "role": role, "state": PersonState.INSIDE, "present": True}
    return Person(**{**made, **fields})


def a_waiter(name: str, line_no: int) -> Person:
    return somebody(name, state=PersonState.WAITING, line_no=line_no)


def names(people: list[Person]) -> list[str]:
    return [person.name for person in people]


def pages(roster: Roster, query: Query) -> list[str]:
    """All pages, one after another."""
    found, after = [], None
    while True:
        page = roster.page(replace(query, after=after))
        assert len(page.people) <= query.limit
        found += names(page.people)
        after = page.next_after
        if after is None:
            return found


FOLDED = {
    "Ann": " ann",
    "  Ann   Berg ": " ann berg",
    "ANN-MARIE O'Brien": " ann marie o brien",
    "Zoë": " zoe",
    "Łukasz Øster": " lukasz oster",
    "Straße": " strasse",
    "İpek": " ipek",
    "\uff21nn": " ann",          # fullwidth
    "A\u0301nn": " ann",          # a combining accent
    "Ann\u202eBerg": " ann berg",  # an override of the direction
    "王小明": " 王小明",
    "👩‍👩‍👧": "",
    "": "",
}


@pytest.mark.parametrize("name", FOLDED)
def test_names_are_compared_in_small_letters_without_accents_or_signs(name):
    assert folded(name) == FOLDED[name]


def test_what_is_compared_of_a_name_is_bounded_however_much_it_unfolds():
    assert len(folded("\ufdfa" * 100)) == SEARCHED_CHARS


GROUPS = {
    Group.HANDS: ["second", "first"],
    Group.HOSTS: ["Bo", "mo"],
    Group.SPEAKERS: ["spike"],
    Group.VIEWERS: ["ann", "Zoë"],
    Group.ALL: ["ann", "Bo", "first", "mo", "second", "spike", "Zoë"],
    Group.LINE: ["wim", "wanda"],
}


@pytest.mark.parametrize("group", Group)
def test_each_group_has_its_people_in_its_order(group):
    roster = Roster([
        somebody("Zoë"), somebody("ann"), somebody("mo", Role.MODERATOR), somebody("Bo", Role.MANAGER),
        somebody("spike", Role.SPEAKER), somebody("first", Role.MODERATOR, hand_raised_at_ms=9),
        somebody("second", hand_raised_at_ms=5), a_waiter("wanda", 12), a_waiter("wim", 11),
        somebody("away", present=False), somebody("known", state=PersonState.KNOWN), somebody("out", state=PersonState.REMOVED),
    ])  # fmt: skip
    assert names(roster.first(group, 10)) == GROUPS[group]
    assert roster.count(group) == len(GROUPS[group])


def test_every_participant_is_in_one_group_and_among_all():
    rng = random.Random(1)
    people = [
        somebody(f"p{number}", rng.choice(list(Role)), hand_raised_at_ms=rng.choice([None, number]), present=rng.random() < 0.8)
        for number in range(200)
    ]
    roster = Roster(people)
    listed = [name for group in PARTICIPANTS for name in names(roster.first(group, 1000))]
    assert sorted(listed) == sorted(names(roster.first(Group.ALL, 1000)))
    assert sorted(listed) == sorted(person.name for person in people if person.present)


SEARCHES = {
    "an": ["Ann Berg", "Anna Alm", "Jo Anders"],
    "AN": ["Ann Berg", "Anna Alm", "Jo Anders"],
    "ann": ["Ann Berg", "Anna Alm"],
    "berg": ["Ann Berg"],
    "be an": ["Ann Berg"],
    "erg": [],
    "zoe": ["Zoë Zimt"],
    "zoë": ["Zoë Zimt"],
    "  ": ["Ann Berg", "Anna Alm", "Jo Anders", "Zoë Zimt"],
    "": ["Ann Berg", "Anna Alm", "Jo Anders", "Zoë Zimt"],
    "👩": [],
    "%": [],
    ".*": [],
    "x" * 100: [],
}


@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_finds_whose_words_begin_with_its_words(search):
    roster = Roster([somebody(name) for name in ("Jo Anders", "Zoë Zimt", "Anna Alm", "Ann Berg")])
    page = roster.page(Query(group=Group.ALL, limit=10, search=search))
    assert (names(page.people), page.total) == (SEARCHES[search], len(SEARCHES[search]))


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 100])
@pytest.mark.parametrize(("group", "search"), [(Group.ALL, ""), (Group.HANDS, ""), (Group.LINE, ""), (Group.ALL, "a")])
def test_the_pages_are_the_list(group, search, limit):
    people = [somebody(f"a{n}" if n % 2 else f"b{n}", hand_raised_at_ms=n // 2 if n % 3 else None) for n in range(15)]
    same_name = [somebody("a twin", participant_id=f"twin-{n}") for n in range(4)]
    roster = Roster([*people, *same_name, *(a_waiter(f"w{n}", 99 - n) for n in range(9))])
    query = Query(group=group, limit=limit, search=search)
    assert pages(roster, query) == names(roster.page(replace(query, limit=1000)).people)


def test_a_page_begins_where_the_one_before_ended_though_people_come_and_go():
    roster = Roster([somebody(name) for name in "bdfhjl"])
    first = roster.page(Query(group=Group.ALL, limit=2))
    assert names(first.people) == ["b", "d"]
    roster.put(somebody("d", present=False))
    roster.put(somebody("a"))
    roster.put(somebody("e"))
    second = roster.page(Query(group=Group.ALL, limit=2, after=first.next_after))
    assert (names(second.people), second.total) == (["e", "f"], 7)


def test_the_last_page_says_so():
    roster = Roster([somebody(name) for name in "abcd"])
    first = roster.page(Query(group=Group.ALL, limit=2))
    last = roster.page(Query(group=Group.ALL, limit=2, after=first.next_after))
    assert (first.next_after is None, last.next_after) == (False, None)


def test_a_roster_that_went_on_is_one_made_anew():
    rng = random.Random(2)
    went_on, now = Roster(), {}
    for _ in range(3_000):
        who = f"p{rng.randrange(60)}"
        person = somebody(
            rng.choice("abc"), rng.choice(list(Role)), participant_id=who, present=rng.random() < 0.7,
            state=rng.choice([PersonState.INSIDE, PersonState.WAITING, PersonState.KNOWN]), line_no=rng.randrange(9),
            hand_raised_at_ms=rng.choice([None, 1, 2]),
        )
        went_on.put(person)
        now[who] = person
    fresh = Roster(now.values())
    for group in Group:
        assert went_on.first(group, 1000) == fresh.first(group, 1000)
        assert went_on.count(group) == fresh.count(group)

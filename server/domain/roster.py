"""The people of a room in the order in which they are listed, group by group: kept as they come and go, never sorted anew."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from server.domain.person import Person
from server.domain.roles import Role, is_host

# By what somebody is found: a hundred characters name anybody, and bound what a cursor holds.
SEARCHED_CHARS = 100

Key = tuple[int, str, str]  # instant or place (0 where names decide), folded name, participant id

# Letters that Unicode does not take apart, though everybody types them so.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


class Group(StrEnum):
    """Each participant is in one of the first four: whoever raised a hand is among the hands, whatever their role."""

    HANDS = "hands"
    HOSTS = "hosts"
    SPEAKERS = "speakers"
    VIEWERS = "viewers"
    ALL = "all"    # every participant
    LINE = "line"  # the waiters


PARTICIPANTS = (Group.HANDS, Group.HOSTS, Group.SPEAKERS, Group.VIEWERS)


def folded(text: str) -> str:
    """`text` as it is compared: words in small letters without accents, each with one space before it."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    kept = (char if char.isalnum() else " " for char in apart if not unicodedata.combining(char))
    return "".join(f" {word}" for word in "".join(kept).split())[:SEARCHED_CHARS]


@dataclass(frozen=True, kw_only=True)
class Query:
    """Which part of which group: those after `after`, at most `limit`, whose names match `search`. A word of it matches a
    word of the name that begins with it."""

    group: Group
    limit: int
    after: Key | None = None
    search: str = ""


@dataclass(frozen=True, kw_only=True)
class Page:
    """`total`: how many match on all pages. `next_after`: where the next page begins; None on the last."""

    people: list[Person]
    total: int
    next_after: Key | None


class Roster:
    """The groups of one room. Names decide the order; among the hands the instant, in the line the place."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self._people: dict[str, Person] = {}
        self._keys: dict[str, list[tuple[Group, Key]]] = {}
        self._groups: dict[Group, list[Key]] = {group: [] for group in Group}
        for person in people:
            places = self._note(person)
            for group, key in places:
                self._groups[group].append(key)
        for keys in self._groups.values():
            keys.sort()

    def put(self, person: Person) -> None:
        """Somebody has come, changed or gone."""
        for group, key in self._keys.pop(person.participant_id, ()):
            keys = self._groups[group]
            del keys[bisect_left(keys, key)]
        for group, key in self._note(person):
            insort(self._groups[group], key)

    def count(self, group: Group) -> int:
        return len(self._groups[group])

    def first(self, group: Group, most: int) -> list[Person]:
        return [self._people[key[2]] for key in self._groups[group][:most]]

    def page(self, query: Query) -> Page:
        keys = self._groups[query.group]
        if query.search.strip():
            words = folded(query.search).split()
            keys = [key for key in keys if all(f" {word}" in key[1] for word in words)] if words else []
        start = bisect_right(keys, query.after) if query.after is not None else 0
        shown = keys[start : start + query.limit]
        is_last = start + query.limit >= len(keys)
        return Page(
            people=[self._people[key[2]] for key in shown],
            total=len(keys),
            next_after=None if is_last or not shown else shown[-1],
        )

    def _note(self, person: Person) -> list[tuple[Group, Key]]:
        places = _places(person)
        if places:
            self._people[person.participant_id], self._keys[person.participant_id] = person, places
        else:
            self._people.pop(person.participant_id, None)
        return places


def group_of(person: Person) -> Group:
    """Where a participant is listed."""
    if person.hand_raised_at_ms is not None:
        return Group.HANDS
    if is_host(person.role):
        return Group.HOSTS
    return Group.SPEAKERS if person.role is Role.SPEAKER else Group.VIEWERS


def _places(person: Person) -> list[tuple[Group, Key]]:
    if not person.is_participant and not person.is_waiter:
        return []
    name, who = folded(person.name), person.participant_id
    if person.is_waiter:
        return [(Group.LINE, (person.line_no or 0, name, who))]
    return [(group_of(person), (person.hand_raised_at_ms or 0, name, who)), (Group.ALL, (0, name, who))]

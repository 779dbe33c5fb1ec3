"""The rule of who walks in is written twice, in Lua and in Python: they say the same about every combination of facts."""

from __future__ import annotations

import itertools
import json

from server.domain.admission import may_walk_in
from server.domain.person import Hold, Person, PersonState
from server.domain.roles import Role, is_host
from server.domain.room import Opens, Phase, Room
from server.store.records import encode_args, record_fields
from server.store.scripting import script_text
from tests.support.rooms import ROOM, open_site

START_MS, EARLY_S = 1_800_000_000_000, 900
NOWS_MS = [0, START_MS - EARLY_S * 1000 - 1, START_MS - EARLY_S * 1000, START_MS - 1, START_MS, START_MS + 1]
PHASES = [Phase.SCHEDULED, Phase.OPENING, Phase.OPEN]  # the scripts let nobody in after the end

# The prelude as the scripts have it, and after it the question, for each case at its own instant.
QUESTION = """
local said = {}
for index, case in ipairs(args.cases) do
  now_ms = case.now_ms
  said[index] = may_walk_in(case.room, case.person)
end
return cjson.encode(said)
"""


def all_cases() -> list[tuple[Room, Person, int]]:
    return [
        (
            Room(
                room_id=ROOM, title="t", phase=phase, locked=locked, opens=opens, starts_at_ms=starts_at_ms,
                early_entry_s=EARLY_S, start_reached=start_reached,
            ),
            Person(
                participant_id="p", name="n", role=role, state=PersonState.WAITING, hold=hold, present=True, admitted=admitted
            ),
            now_ms,
        )
        for phase, locked, opens, starts_at_ms, start_reached, role, hold, admitted, now_ms in itertools.product(
            PHASES, (False, True), Opens, (START_MS, None), (False, True), Role, (None, *Hold), (False, True), NOWS_MS
        )
    ]


def expected(room: Room, person: Person, now_ms: int) -> bool:
    """The domain's rule; while the session opens, those in line are let in, and only who arrives has to join its end."""
    if room.phase is Phase.OPENING:
        return person.hold is None and (person.admitted or not room.locked or is_host(person.role))
    return may_walk_in(room, person, now_ms)


async def test_the_scripts_let_in_whom_the_rule_lets_in(store_url):
    async with open_site(store_url) as site:
        cases = all_cases()
        args = {
            "cases": [
                {"room": record_fields(room), "person": record_fields(person), "now_ms": now_ms} for room, person, now_ms in cases
            ]
        }
        keys = site.store.scripts._room_keys(ROOM, None, "n")
        prelude = script_text("line_withdraw").split("-- Leave the line")[0]
        said = json.loads(await site.store.redis.eval(prelude + QUESTION, len(keys), *keys, 0, encode_args(args)))
        differing = [case for case, lua in zip(cases, said, strict=True) if lua is not expected(*case)]
        assert differing == []


async def test_the_line_is_let_in_by_that_rule(store_url):
    async with open_site(store_url) as site:
        now_ms = await site.now_ms()
        await site.create_room(locked=True, starts_at_ms=now_ms + 60_000)
        for name, role in (("vic", Role.VIEWER), ("spike", Role.SPEAKER), ("mod", Role.MODERATOR)):
            await site.arrive(name, role)
        assert [p.name for p in (await site.contents()).participants()] == ["Mod"]
        room = (await site.contents()).room
        room.locked = False
        await site.store.rooms.put(room, what="unlocked", by=None, seen={}, request_id=None)
        assert (await site.store.line.let_in(ROOM))["admitted"] == [site.ids["spike"]]

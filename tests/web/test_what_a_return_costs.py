"""A herd that comes back asks Redis three things a tab at most."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from client_sim.api import Api
from server.store import scripting
from server.store.scripting import script_text
from tests.support.nodes import Cluster
from tests.support.ports import HOST
from tests.support.redis_server import RedisServer
from tests.web.asking import API_KEY
from tests.web.tab import make_room, open_tab, sit_in, token_for

MOST_COMMANDS = 3
SCRIPTS = Path(scripting.__file__).parent / "scripts"
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')  # an argument as MONITOR prints it
NAMES = {scripting._digest(script_text(path.stem)): path.stem for path in SCRIPTS.glob("[!_]*.lua")}
OF_DEPARTURES = "tabs_leave"  # one for all that went, whenever they did
# Nobody's grace ends while commands are counted, and no tab is registered again.
CALM = {"PARTICIPANT_GRACE_MS": "600000", "LEASE_TTL_MS": "60000"}


def name_of(line: str) -> str:
    """The script that a line of MONITOR runs, by its digest or whole; the line itself where it runs none."""
    command, what, *_ = QUOTED.findall(line)
    if command.upper() == "EVAL":
        what = scripting._digest(what.encode("latin-1").decode("unicode_escape").encode("latin-1").decode())
    return NAMES.get(what, line)


@asynccontextmanager
async def commands_about(redis: RedisServer, room_id: str) -> AsyncIterator[list[str]]:
    """The scripts that clients run on the room while the context lasts, and whatever else they ask about it."""
    seen: list[str] = []
    reader, writer = await asyncio.open_connection(HOST, redis.port, limit=1 << 20)
    writer.write(b"MONITOR\r\n")
    assert await reader.readline() == b"+OK\r\n"
    try:
        yield seen
        redis.command("ECHO", "that is all")
        while "that is all" not in (line := (await reader.readline()).decode("latin-1")):
            if room_id in line and " lua]" not in line:
                seen.append(name_of(line))
        seen[:] = [name for name in seen if name != OF_DEPARTURES]
    finally:
        writer.close()


@pytest.mark.parametrize("missed", [0, 1, 40])
async def test_a_tab_that_resumes_costs_three_commands_at_most(redis_server, missed):
    async with Cluster(redis_server.url, **CALM) as cluster:
        node = await cluster.add_node()
        room_id = await make_room(node)
        async with sit_in(node, room_id, "maya") as maya:
            token = await token_for(node, room_id, "uma")
            async with open_tab(node) as before:
                welcome = await before.hello(token)
                await maya.until("events")
            async with open_tab(node) as tab:
                await tab.hello(token, resume={**welcome["position"], "seq": 0})  # Redis knows the scripts from now on
            for number in range(missed):
                await Api(node.url, API_KEY).edit_room(room_id, title=f"Edit {number}")
            async with open_tab(node) as tab, commands_about(redis_server, room_id) as commands:
                again = await tab.hello(token, resume=welcome["position"], replaces=welcome["connection_id"])
                frame = await tab.receive() if missed else {"events": []}
    assert (again["resumed"], len(frame["events"])) == (True, missed)
    assert 1 < len(commands) <= MOST_COMMANDS, commands


async def test_a_position_that_was_never_given_out_costs_no_more(redis_server):
    async with Cluster(redis_server.url, **CALM) as cluster:
        node = await cluster.add_node()
        room_id = await make_room(node)
        async with sit_in(node, room_id, "maya"):
            token = await token_for(node, room_id, "uma")
            async with open_tab(node) as tab, commands_about(redis_server, room_id) as commands:
                welcome = await tab.hello(token, resume={"epoch": "never", "seq": 2**62})
    assert (welcome["resumed"], welcome["snapshot"]["room"]["room_id"]) == (False, room_id)
    assert 1 < len(commands) <= MOST_COMMANDS, commands

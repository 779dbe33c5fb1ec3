"""Loads the Lua scripts and runs them: one file per script, a prelude shared by those that work on a room."""

from __future__ import annotations

import hashlib
import json
import re
from copy import copy
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from server.domain.crowd import Thresholds
from server.domain.events import Event
from server.domain.refusals import BY_CODE, Refusal
from server.domain.request_id import RequestId
from server.store.confirming import CONFIRMED, Confirming
from server.store.connection import ClusterClient, reaching_store
from server.store.keys import Keyspace
from server.store.records import encode_args, encode_audit, encode_event

_FOLDER = Path(__file__).parent


class FactsMoved(Exception):
    """A fact that the rule was decided on has moved: read again, decide again."""


class NodeFenced(Exception):
    """This node does not hold its lease: others may have swept its tabs."""


class NotYet(Exception):
    """The instant has not come."""


class NodeAlive(Exception):
    """The node to be swept holds its lease."""


_SIGNALS: dict[str, type[Exception]] = {
    "stale": FactsMoved,
    "node_fenced": NodeFenced,
    "not_yet": NotYet,
    "node_alive": NodeAlive,
}


# What scripts share, in the order in which one leans on another; all of them take the keys and the arguments that _room names.
_SHARED = ("_epoch", "_room", "_prelude", "_mail")
_NAMES = re.compile(r"^local (?:function )?(\w+(?:,\s*\w+)*)", re.MULTILINE)


@cache
def script_text(name: str) -> str:
    """A room script with what it uses of the shared ones: the embedded store compiles the whole text at every call."""
    text = (_FOLDER / "scripts" / f"{name}.lua").read_text()
    for part in reversed(_SHARED):
        shared = (_FOLDER / "scripts" / f"{part}.lua").read_text()
        if part == "_room" or _names_in(shared) & set(re.findall(r"\w+", text)):
            text = shared + text
    return text


def _names_in(shared: str) -> set[str]:
    """What a shared script defines at its left margin."""
    return {name.strip() for names in _NAMES.findall(shared) for name in names.split(",")}


@cache
def shard_script_text(name: str) -> str:
    return (_FOLDER / "scripts" / "_epoch.lua").read_text() + (_FOLDER / "shard_scripts" / f"{name}.lua").read_text()


@cache
def _digest(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class Scripts:
    """Runs scripts, and turns what they refuse into refusals.

    `skew_ms` is added to Redis's clock inside every script: 0 except in tests.
    """

    def __init__(
        self, redis: Redis, keyspace: Keyspace, *, retention_ms: int, node_id: str, skew_ms: int = 0,
        thresholds: Thresholds,
        seat_hold_ms: int = 60_000, ping_hosts_ms: int = 600_000, max_mails: int = 10_000,
        confirming: Confirming | None = None,
    ) -> None:
        self.redis = redis
        self.keyspace = keyspace
        self.node_id = node_id
        self.skew_ms = skew_ms
        self.is_cluster = isinstance(redis, ClusterClient)
        self._confirming = confirming
        self._always = {
            "retention_ms": retention_ms, "seat_hold_ms": seat_hold_ms, "ping_hosts_ms": ping_hosts_ms, **asdict(thresholds),
            "max_mails": max_mails,
        }

    def through(self, redis: Redis) -> Scripts:
        """The same scripts on connections of their own."""
        other = copy(self)
        other.redis = redis
        return other

    async def run(
        self,
        name: str,
        room_id: str,
        args: dict[str, Any],
        *events: Event,
        request_id: str | None = None,
        node_id: str | None = None,
    ) -> dict[str, Any]:
        """Run a room script that answers with JSON.

        Raises:
            FactsMoved, NodeFenced, NotYet, NodeAlive: see there.
            Refusal: what the script refused; StoreUnavailable where Redis could not be reached; Unconfirmed where too few
                replicas have it.
        """
        args = {**args, "request_id": request_id}
        answer = unpack_answer(await self.read(name, room_id, args, *events, request_id=request_id, node_id=node_id))
        if request_id is not None and name in CONFIRMED:
            await self.confirm_answer(room_id, request_id)
        return answer

    async def confirm_answer(self, room_id: str, request_id: str) -> None:
        """Wait until replicas hold what this request did, and so its answer. Raises: Unconfirmed."""
        await self._confirm(room_id, self.keyspace.room(room_id).result(request_id), "", "")

    async def confirm_word(self, room_id: str, key: str, field: str, word: str) -> None:
        """Wait until replicas hold a record of a room in which `word` stands. Raises: Unconfirmed."""
        await self._confirm(room_id, key, field, word)

    async def _confirm(self, room_id: str, sign_key: str, field: str, word: str) -> None:
        if self._confirming is not None:
            text, keys = shard_script_text("confirm"), [sign_key, self.keyspace.shard(room_id).confirm]
            await self._confirming.confirm(text, _digest(text), keys, [field, word])

    async def read(
        self,
        name: str,
        room_id: str,
        args: dict[str, Any],
        *events: Event,
        request_id: str | None = None,
        node_id: str | None = None,
    ) -> Any:
        """Run a room script and give back its reply as it is."""
        keys = self._room_keys(room_id, request_id, node_id or self.node_id)
        full_args = {**args, **self._always, "room_id": room_id, "audit": encode_audit(events)}
        full_args |= _kept(request_id)
        argv = [self.skew_ms, encode_args(full_args), *(encode_event(event) for event in events)]
        return await self._eval(script_text(name), keys, argv)

    async def run_on_shard(self, name: str, keys: list[str], argv: list[Any]) -> Any:
        return await self._eval(shard_script_text(name), keys, argv)

    def _room_keys(self, room_id: str, request_id: str | None, node_id: str) -> list[str]:
        room, shard = self.keyspace.room(room_id), self.keyspace.shard(room_id)
        return [
            room.room, room.people, room.identities, room.tabs, room.line, room.invitations, room.links, room.addresses,
            room.applications, room.bans, room.log, room.seats, room.hosts, room.row_keys, room.guest_links, room.audit,
            shard.log, shard.log_n, shard.due, shard.rooms, shard.nodes, room.result(request_id or "none"),
            shard.lease(node_id), shard.node_tabs(node_id), shard.epoch, shard.site, shard.mail, shard.mail_dead,
            shard.mails,
        ]

    async def _eval(self, text: str, keys: list[str], argv: list[Any]) -> Any:
        with reaching_store():
            try:
                return await self.redis.evalsha(_digest(text), len(keys), *keys, *argv)
            except NoScriptError:
                return await self.redis.eval(text, len(keys), *keys, *argv)


def _kept(request_id: str | None) -> dict[str, Any]:
    """For how long the answer to a request is kept, and what it is compared with when it is asked for again."""
    if request_id is None:
        return {}
    named = request_id if isinstance(request_id, RequestId) else RequestId(request_id)
    return {"keep_ms": named.keep_ms, "fingerprint": named.fingerprint or None}


def unpack_answer(reply: bytes) -> dict[str, Any]:
    """A script's answer, or what it refused as an exception."""
    outcome: Any = json.loads(reply)
    if not isinstance(outcome, dict):
        return {}
    code = outcome.get("refused")
    if code in _SIGNALS:
        raise _SIGNALS[code]
    if code:
        raise BY_CODE[code]() if code in BY_CODE else Refusal(code)
    return outcome


def as_list(value: Any) -> list[str]:
    """A list in a script's answer: an empty one may have come as a map."""
    return list(value) if value else []

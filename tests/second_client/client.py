"""A minimal client of the room protocol: becoming somebody over HTTP, a tab on the websocket, a whole replica.

`Site` speaks HTTP (rooms, invitations, links, sign-in). `Tab` is one websocket connection that can be lost and resumed.
`Replica` holds the room as a tab sees it. `DeviceKey` proves that this device is the one that claimed a link.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

Json = dict[str, Any]
Rows = dict[str, Json]

SUBPROTOCOL = Subprotocol("greenroom.v1.json")
ROW_IDS = {
    "participants": "participant_id",
    "waiters": "participant_id",
    "device_requests": "invitation_id",
    "invitations": "invitation_id",
    "guest_links": "guest_link_id",
}
PUT_LISTS = {
    "participants.joined": "participants",
    "participants.updated": "participants",
    "waiters.added": "waiters",
}
PUT_ONE = {
    "participant.role_changed": ("participants", "participant"),
    "device.requested": ("device_requests", "request"),
    "invitation.changed": ("invitations", "invitation"),
    "guest_link.changed": ("guest_links", "guest_link"),
}
TAKE_OUT = {"participants.left": "participants", "participants.hidden": "participants", "waiters.removed": "waiters"}


class Refused(Exception):
    """A refusal: over HTTP, of a command, or a `bye` in place of a `welcome`."""

    def __init__(self, body: Json, status: int | None = None) -> None:
        """Keep the stable code, the sentences, and after how long another try can help."""
        self.code: str = body["code"]
        self.message: str = body.get("message") or body.get("detail") or ""
        self.next_step: str = body["next_step"]
        self.retry_after_ms: int | None = body["retry_after_ms"]
        self.status = status
        super().__init__(f"{self.code}: {self.message}")


class ProtocolError(Exception):
    """The server did something that the protocol does not allow."""


class ConnectionLost(Exception):
    """There is no connection just now; `Tab.resume` opens the next one."""


# --- the device ------------------------------------------------------------------------------------------------------


def base64url(raw: bytes) -> str:
    """Encode without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


class DeviceKey:
    """The key pair of one device."""

    def __init__(self) -> None:
        """Make a new key: a device that no link knows yet."""
        self._key = ec.generate_private_key(ec.SECP256R1())

    def jwk(self) -> Json:
        """Give the public key as the server wants it."""
        numbers = self._key.public_key().public_numbers()
        x, y = (base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def prove(self, purpose: str, nonce: str) -> str:
        """Sign `purpose:nonce`: r and s, 32 bytes each."""
        der = self._key.sign(f"{purpose}:{nonce}".encode("ascii"), ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(der)
        return base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


# --- HTTP ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Link:
    """An invitation link, taken apart."""

    room_id: str
    secret: str

    @classmethod
    def parse(cls, text: str) -> Link:
        """Read `<site>/join/<room_id>#<secret>`."""
        parts = urlsplit(text)
        return cls(parts.path.rsplit("/", 1)[-1], parts.fragment)


def request_json(method: str, url: str, body: Json | None, bearer: str | None) -> Json:
    """Send one request and give its JSON answer, or raise `Refused`."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if bearer is not None:
        headers["Authorization"] = f"Bearer {bearer}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read() or b"{}")  # type: ignore[no-any-return]
    except urllib.error.HTTPError as error:
        problem = json.loads(error.read())
        raise Refused(problem, error.code) from None


@dataclass(frozen=True)
class Site:
    """The HTTP side of one node."""

    url: str
    api_key: str | None = None

    async def call(self, method: str, path: str, body: Json | None = None, bearer: str | None = None) -> Json:
        """Make one call without holding up the event loop."""
        return await asyncio.to_thread(request_json, method, self.url.rstrip("/") + path, body, bearer)

    async def create_room(self, title: str, **options: Any) -> Json:
        """Create a room; the options are those of the protocol page."""
        return await self.call("POST", "/v1/rooms", {"title": title, **options}, self.api_key)

    async def room(self, room_id: str) -> Json:
        """Read a room."""
        return await self.call("GET", f"/v1/rooms/{room_id}", None, self.api_key)

    async def people(self, room_id: str) -> Json:
        """Read who is inside and who waits."""
        return await self.call("GET", f"/v1/rooms/{room_id}/participants", None, self.api_key)

    async def invite(self, room_id: str, email: str, first_name: str, last_name: str, role: str) -> Json:
        """Invite somebody with the API key."""
        body = {"email": email, "first_name": first_name, "last_name": last_name, "role": role}
        return await self.call("POST", f"/v1/rooms/{room_id}/invitations", body, self.api_key)

    async def look(self, link: Link, device: DeviceKey) -> Json:
        """Look at a link, which uses nothing up."""
        body = {"secret": link.secret, "device_key": device.jwk()}
        return await self.call("POST", f"/v1/rooms/{link.room_id}/link/look", body)

    async def claim(self, link: Link, device: DeviceKey, nonce: str, email: str | None = None) -> Json:
        """Claim a link for this device; without an address where it has been claimed here before."""
        proof = device.prove("greenroom-claim", nonce)
        body: Json = {"secret": link.secret, "nonce": nonce, "device_key": device.jwk(), "proof": proof}
        if email is not None:
            body["email"] = email
        return await self.call("POST", f"/v1/rooms/{link.room_id}/link/claim", body)

    async def demo_sign_in(self, room_id: str, user_id: str, name: str, email: str) -> Json:
        """Become anybody, where no site is configured, and sign in to the room."""
        account = await self.call("POST", "/v1/demo/sign-in", {"user_id": user_id, "name": name, "email": email})
        return await self.sign_in(room_id, account["site_token"])

    async def sign_in(self, room_id: str, site_token: str) -> Json:
        """Sign in to a room with the site's token."""
        return await self.call("POST", f"/v1/rooms/{room_id}/sign-in", {}, site_token)


# --- the replica -----------------------------------------------------------------------------------------------------


def order_of(name: str) -> Callable[[Json], Any]:
    """Say how a snapshot sorts the list `name`."""
    return (lambda row: row["line_no"]) if name == "waiters" else (lambda row: row[ROW_IDS[name]])


@dataclass
class Replica:
    """The room as one tab sees it, up to and with `last`."""

    epoch: str
    last: int
    large: bool
    room: Json
    lists: dict[str, Rows | None]

    @classmethod
    def load(cls, position: Json, snapshot: Json) -> Replica:
        """Start from a snapshot, whole."""
        lists = {name: as_rows(name, snapshot[name]) for name in ROW_IDS}
        return cls(position["epoch"], position["seq"], snapshot["large"], snapshot["room"], lists)

    def view(self) -> Json:
        """Give what the server would send as a snapshot now."""
        lists = {name: self.sorted(name) for name in ROW_IDS}
        return {"seq": self.last, "large": self.large, "room": self.room, **lists}

    def sorted(self, name: str) -> list[Json] | None:
        """Give one list in the order of a snapshot, or None where the role does not show it."""
        rows = self.lists[name]
        return None if rows is None else sorted(rows.values(), key=order_of(name))

    def position(self) -> Json:
        """Give what `hello` takes as `resume`."""
        return {"epoch": self.epoch, "seq": self.last}

    def take(self, frame: Json) -> list[Json] | None:
        """Apply a frame and give the events that were new; None where something is missing before it."""
        if frame["after"] > self.last:
            return None
        new = [event for event in frame["events"] if event["seq"] > self.last]
        for event in new:
            self.apply(event)
        self.last = max(self.last, frame["upto"])
        return new

    def apply(self, event: Json) -> None:
        """Apply one event."""
        kind = event["type"]
        if kind == "room.changed":
            self.room = event["room"]
        elif kind in PUT_LISTS:
            name = PUT_LISTS[kind]
            self._shown(name).update(as_rows(name, event[name]) or {})
        elif kind in PUT_ONE:
            name, key = PUT_ONE[kind]
            self._shown(name)[event[key][ROW_IDS[name]]] = event[key]
        elif kind in TAKE_OUT:
            for participant_id in event["participant_ids"]:
                self._shown(TAKE_OUT[kind]).pop(participant_id, None)
        elif kind == "invitations.presence":
            for row in event["rows"]:
                self._shown("invitations")[row["invitation_id"]].update(row)
        elif kind == "guest_link.removed":
            self._shown("guest_links").pop(event["guest_link_id"], None)
        elif kind == "device.request_closed":
            self._shown("device_requests").pop(event["invitation_id"], None)
        elif kind == "refresh":
            self._refresh(event)
        else:
            raise ProtocolError(f"unknown event {kind}")

    def _refresh(self, event: Json) -> None:
        """Put in what the new role shows, and forget what it does not."""
        for name, rows in (event["reveal"] or {}).items():
            self.lists[name] = as_rows(name, rows)
        for name in event["forget"]:
            self.lists[name] = None

    def _shown(self, name: str) -> Rows:
        """Give a list that an event is about; such an event must not come where the list is hidden."""
        rows = self.lists[name]
        if rows is None:
            raise ProtocolError(f"an event about {name}, which this role does not show")
        return rows


def as_rows(name: str, rows: list[Json] | None) -> Rows | None:
    """Index a list by id."""
    return None if rows is None else {row[ROW_IDS[name]]: row for row in rows}


# --- the tab ---------------------------------------------------------------------------------------------------------


@dataclass
class Command:
    """A command on its way, kept until it is answered."""

    message: Json
    answer: asyncio.Future[Json]


@dataclass
class Tab:
    """One tab: a token, perhaps a device key, and a connection that may be lost and resumed.

    `trace` keeps every message that has come, also the frames that were dropped for a gap; `gaps` counts these gaps.
    """

    url: str
    token: str
    device: DeviceKey | None = None
    you: Json = field(default_factory=dict)
    replica: Replica | None = None
    lobby: Json | None = None
    left: str | None = None
    bye: Json | None = None
    close_code: int | None = None
    resumed: bool = False
    server_seq: int = 0
    gaps: int = 0
    connection_id: str | None = None
    stale: bool = False
    tick: Json | None = None
    clock_offset_ms: float = 0.0
    heartbeat_ms: int = 30_000
    applied: dict[str, Json] = field(default_factory=dict)
    states: dict[str, Json] = field(default_factory=dict)
    trace: list[Json] = field(default_factory=list)
    _connection: ClientConnection | None = None
    _reader: asyncio.Task[None] | None = None
    _commands: dict[str, Command] = field(default_factory=dict)
    _syncing: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    # -- connecting

    async def open(self) -> Tab:
        """Connect, say hello, and keep reading until the connection ends."""
        address = self.url.rstrip("/").replace("http", "ws", 1) + "/v1/ws"
        connection = await connect(
            address, subprotocols=[SUBPROTOCOL], compression=None, max_size=None, ping_interval=None
        )
        self._connection, self.bye, self.close_code, self._syncing = connection, None, None, False
        try:
            await self._say_hello(json.loads(await connection.recv()))
            await self._receive(json.loads(await connection.recv()))
        except ConnectionClosed as closed:
            raise ConnectionLost from closed
        if self.bye is not None:
            await self._finish()
            raise Refused(self.bye)
        self._reader = asyncio.create_task(self._read(connection))
        for command in list(self._commands.values()):
            await self._send(command.message)
        return self

    async def resume(self, tries: int = 8) -> Tab:
        """Come back after a lost connection, with full jitter between the tries."""
        for attempt in range(tries):
            try:
                return await self.open()
            except Refused as refused:
                if refused.retry_after_ms is None:
                    raise
                await asyncio.sleep(refused.retry_after_ms / 1000)
            except (OSError, ConnectionLost):
                pass
            await asyncio.sleep(random.uniform(0, min(10.0, 0.2 * 2**attempt)))
        raise ConnectionLost

    async def drop(self) -> None:
        """Lose the connection without a word, as a network does."""
        connection = self._live()
        connection.transport.abort()
        await self._finish()

    async def close(self) -> None:
        """Close the connection in order."""
        if self._connection is not None:
            await self._connection.close()
            await self._finish()

    async def _finish(self) -> None:
        """Wait until the reader has seen the end, and note the close code."""
        connection, self._connection = self._connection, None
        if self._reader is not None:
            await self._reader
            self._reader = None
        if connection is not None:
            await connection.wait_closed()
            self.close_code = connection.close_code
        self._wake()

    async def _say_hello(self, challenge: Json) -> None:
        """Answer the challenge: who this is, and where the tab was."""
        if challenge["type"] != "challenge":
            raise ProtocolError(f"{challenge['type']} in place of a challenge")
        hello: Json = {"type": "hello", "token": self.token}
        if self.device is not None:
            hello["proof"] = self.device.prove("greenroom-hello", challenge["nonce"])
        if self.replica is not None:
            hello["resume"] = self.replica.position()
        if self.connection_id is not None:
            hello["replaces"] = self.connection_id
        await self._send(hello)

    # -- sending

    async def command(self, kind: str, **fields: Any) -> Json:
        """Send a command and give its `result`, or raise `Refused`; a lost answer is asked for again by `resume`."""
        command_id = uuid.uuid4().hex
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        message = {"type": kind, "id": command_id, **fields}
        self._commands[command_id] = Command(message, answer)
        try:
            with suppress(ConnectionClosed, ConnectionLost):
                await self._send(message)
            async with asyncio.timeout(10):
                return await answer
        finally:
            self._commands.pop(command_id, None)

    async def renew(self) -> None:
        """Get a fresh session token before this one runs out."""
        self.token = (await self.command("token.renew"))["result"]["token"]

    async def until(self, what: Callable[[], object], seconds: float = 10.0) -> None:
        """Wait until something is true of this tab."""
        async with asyncio.timeout(seconds):
            while not what():
                if self._reader is not None and self._reader.done():
                    self._reader.result()
                    raise ConnectionLost
                self._news.clear()
                await self._news.wait()

    def server_now_ms(self) -> float:
        """Give the server's clock as this tab measured it."""
        return time.time() * 1000 + self.clock_offset_ms

    def _live(self) -> ClientConnection:
        """Give the connection, where there is one."""
        if self._connection is None:
            raise ConnectionLost
        return self._connection

    async def _send(self, message: Json) -> None:
        """Send one message."""
        await self._live().send(json.dumps(message))

    # -- receiving

    async def _read(self, connection: ClientConnection) -> None:
        """Read until the connection ends or falls silent."""
        try:
            while True:
                async with asyncio.timeout(self.heartbeat_ms / 1000):
                    text = await connection.recv()
                await self._receive(json.loads(text))
        except TimeoutError:
            connection.transport.abort()
        except (ConnectionClosed, ConnectionLost):
            pass
        finally:
            self.close_code = connection.close_code
            self._give_up()
            self._wake()

    def _give_up(self) -> None:
        """Refuse what waits for an answer where the server said not to come back."""
        if self.bye is None or self.bye["retry_after_ms"] is not None:
            return
        for command in self._commands.values():
            if not command.answer.done():
                command.answer.set_exception(Refused(self.bye))

    def _wake(self) -> None:
        """Let everybody who waits on this tab look again."""
        self._news.set()

    async def _receive(self, message: Json) -> None:
        """Take one message from the server."""
        self.trace.append(message)
        handler = getattr(self, "_on_" + message["type"], None)
        if handler is None:
            raise ProtocolError(f"unknown message {message['type']}")
        await handler(message)
        self._wake()

    async def _on_welcome(self, message: Json) -> None:
        """Become somebody: inside with a snapshot or resumed, or in the lobby."""
        self.connection_id, self.heartbeat_ms = message["connection_id"], message["heartbeat_ms"]
        self.token, self.resumed, self.lobby = message["token"], message["resumed"], message["lobby"]
        self.features: Json = message["features"]
        self._set_clock(message["now_ms"])
        if self.lobby is not None:
            self.replica = None
        else:
            self.left, self.server_seq = None, message["position"]["seq"]
            if not self.resumed:
                self.replica = Replica.load(message["position"], message["snapshot"])
        await self._become(message["you"])

    async def _on_entered(self, message: Json) -> None:
        """Go from the lobby into the room."""
        self.lobby, self.left, self.token = None, None, message["token"]
        self.replica = Replica.load(message["position"], message["snapshot"])
        await self._become(message["you"])

    async def _on_resync(self, message: Json) -> None:
        """Replace the replica whole."""
        self._syncing = False
        self.replica = Replica.load(message["position"], message["snapshot"])
        await self._become(message["you"])

    async def _on_lobby(self, message: Json) -> None:
        """Show the lobby; whatever was known of the room is forgotten."""
        self.lobby, self.left, self.replica = message["lobby"], message["left"], None
        await self._become(message["you"])

    async def _on_events(self, message: Json) -> None:
        """Bring the replica on, or ask for the room whole where something is missing."""
        if self.replica is None:
            raise ProtocolError("events outside the room")
        new = self.replica.take(message)
        if new is None:
            await self._sync_once()
            return
        for event in new:
            if event["type"] == "refresh":
                self.token = event["token"]
                await self._become({**self.you, **{key: event[key] for key in ("role", "role_rev", "permissions")}})

    async def _on_tick(self, message: Json) -> None:
        """Measure the clock."""
        self.tick = message
        self._set_clock(message["now_ms"])

    async def _on_applied(self, message: Json) -> None:
        """Keep the report with the highest `rev`."""
        before = self.applied.get(message["participant_id"])
        if before is None or message["rev"] > before["rev"]:
            self.applied[message["participant_id"]] = message

    async def _on_state(self, message: Json) -> None:
        """Keep what a large room says beside its rows: of each the latest."""
        self.states[message["type"]] = message

    _on_counts = _on_hands = _on_own = _on_line = _on_roster = _on_state

    async def _on_stale(self, message: Json) -> None:
        """Note whether what is shown may be old."""
        self.stale = message["stale"]

    async def _on_features(self, message: Json) -> None:
        """Note what the site offers now."""
        self.features = message["features"]

    async def _on_result(self, message: Json) -> None:
        """Answer a command."""
        command = self._commands.pop(message["id"], None)
        if command is not None and not command.answer.done():
            command.answer.set_result(message)

    async def _on_refused(self, message: Json) -> None:
        """Refuse a command."""
        if message["id"] is None:
            raise ProtocolError(f"a message of ours could not be read: {message['message']}")
        command = self._commands.pop(message["id"], None)
        if command is not None and not command.answer.done():
            command.answer.set_exception(Refused(message))

    async def _on_bye(self, message: Json) -> None:
        """Note why the connection ends."""
        self.bye = message

    async def _become(self, you: Json) -> None:
        """Be who the server says, and acknowledge the role."""
        self.you = you
        await self._send({"type": "ack", "role_rev": you["role_rev"]})

    async def _sync_once(self) -> None:
        """Ask for the room whole, unless the answer is under way."""
        if not self._syncing:
            self._syncing, self.gaps = True, self.gaps + 1
            await self._send({"type": "sync", "id": uuid.uuid4().hex})

    def _set_clock(self, now_ms: int) -> None:
        """Measure how far the server's clock is ahead of ours."""
        self.clock_offset_ms = now_ms - time.time() * 1000

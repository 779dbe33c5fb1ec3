"""From a `hello` to a connection that speaks for somebody."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from server.actions import presence
from server.actions.audit import keeping_refusals
from server.actions.services import Services
from server.domain.refusals import ProofInvalid, RoomDeleted, SessionEnded, TokenInvalid
from server.hub.connection import Connection, Identity
from server.hub.hub import Hub
from server.hub.outbox import Outbox
from server.trust.device_proof import check_hello_proof, thumbprint_of
from server.trust.tokens import LobbyClaims, SessionClaims
from server.web.gate import Turn
from server.wire.codec import Encoding
from server.wire.messages import Hello


@dataclass(frozen=True, kw_only=True)
class Socket:
    """What a connection is made of."""

    nonce: str
    encoding: Encoding
    outbox: Outbox
    network: str


async def greet(services: Services, hub: Hub, turn: Turn, socket: Socket, hello: Hello) -> Connection:
    """Check who says hello, bring them where they belong, and welcome them. Their turn ends with the first two: a room that
    cannot be loaded is to keep nobody out of others.

    Raises:
        TokenInvalid, TokenExpired, ProofInvalid, and whatever the door says
    """
    if services.tokens.is_lobby(hello.token):
        return await _greet_link(services, hub, turn, socket, hello)
    claims = services.tokens.read_session(hello.token, services.now_ms())
    async with _keeping_refusals(services, socket, claims):
        return await _greet_person(services, hub, turn, socket, hello, claims)


async def _greet_person(
    services: Services, hub: Hub, turn: Turn, socket: Socket, hello: Hello, claims: SessionClaims
) -> Connection:
    _check_proof(claims, socket.nonce, hello.proof)
    connection = _connect(services, socket, _identity_of(claims), lambda: services.tokens.mint_session(claims, services.now_ms()))
    connection.reenter = lambda: presence.enter(services, claims, connection.connection_id)
    try:
        lapses = hub.lapses
        seq = await presence.enter(services, claims, connection.connection_id, replaces=hello.replaces)
        turn.end()
        await hub.attach(connection, seq=seq, resume=hello.resume)
        if hub.lapses != lapses:
            # Others may have taken it for a dead node's, and whoever registers tabs again did not know it yet.
            await connection.reenter()
    except BaseException:
        # The tab may be noted in the store already; nobody would ever take it out again.
        hub.detach(connection)
        raise
    return connection


async def _greet_link(services: Services, hub: Hub, turn: Turn, socket: Socket, hello: Hello) -> Connection:
    claims = services.tokens.read_lobby(hello.token, services.now_ms())
    async with _keeping_refusals(services, socket, claims):
        return await _greet_claims(services, hub, turn, socket, claims)


async def _greet_claims(services: Services, hub: Hub, turn: Turn, socket: Socket, claims: LobbyClaims) -> Connection:
    seq = await presence.enter_with_link(services, claims)
    turn.end()
    connection = _connect(services, socket, _identity_of(claims), lambda: services.tokens.mint_lobby(claims, services.now_ms()))
    try:
        await hub.attach(connection, seq=seq, resume=None)
    except BaseException:
        hub.detach(connection)
        raise
    return connection


@asynccontextmanager
async def _keeping_refusals(services: Services, socket: Socket, claims: SessionClaims | LobbyClaims) -> AsyncIterator[None]:
    # A whole audience comes back to a session that is over: that says nothing of any of them.
    over = (SessionEnded, RoomDeleted)
    async with keeping_refusals(services, claims.room_id, "hello", socket.network, but=over) as trail:
        trail.invitation_id, trail.device_id = claims.invitation_id, claims.device_id
        trail.participant_id = claims.participant_id if isinstance(claims, SessionClaims) else None
        yield


def _connect(
    services: Services, socket: Socket, identity: Identity, mint: Callable[[], tuple[str, int]]
) -> Connection:
    return Connection("c" + secrets.token_hex(8), identity, socket.encoding, socket.outbox, mint)


def _identity_of(claims: SessionClaims | LobbyClaims) -> Identity:
    return Identity(
        room_id=claims.room_id,
        participant_id=claims.participant_id if isinstance(claims, SessionClaims) else None,
        invitation_id=claims.invitation_id,
        device_id=claims.device_id,
        resembled_id=claims.resembled_id if isinstance(claims, LobbyClaims) else None,
    )


def _check_proof(claims: SessionClaims, nonce: str, proof: str | None) -> None:
    """A token bound to a device key is worth nothing without the key."""
    if claims.key_thumbprint is None:
        return
    key: dict[str, Any] | None = claims.public_key
    if key is None or thumbprint_of(key) != claims.key_thumbprint:
        raise TokenInvalid
    if not proof:
        raise ProofInvalid
    check_hello_proof(key, nonce, proof)

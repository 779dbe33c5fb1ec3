"""Wires everything together: the only file that knows all the others."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route, WebSocketRoute

from server.actions.services import Services
from server.background.beginning import MasterFollower, StoreGate
from server.background.due import DueRunner
from server.background.lease import LeaseKeeper
from server.background.log_reader import LogFollower
from server.background.mailer import Mailer
from server.background.outgoing import OutgoingFlusher
from server.background.site_keeper import SiteKeeper
from server.background.sweeper import Sweeper
from server.background.tasks import BackgroundTasks
from server.background.ticker import HEARTBEAT_S, Ticker
from server.domain.refusals import Refusal, ShuttingDown, StoreUnavailable
from server.hub.connection import Connection
from server.hub.hub import Hub
from server.hub.welcome import Greeting
from server.mail.site_mail import load_site_mail
from server.redis_url import StoreKind
from server.settings import Settings
from server.store.store import Store
from server.trust.link_secrets import LinkSecrets
from server.trust.site_tokens import SiteTokens
from server.trust.tokens import Tokens
from server.web import (
    acts_api,
    audit_api,
    brand_api,
    bulk_api,
    directory_api,
    documents_api,
    export_api,
    guests_api,
    health,
    invitations_api,
    keys_api,
    links_api,
    mail_api,
    media_api,
    pages_api,
    preview_api,
    rooms_api,
    sessions_api,
    sign_in_api,
    site_api,
    support_api,
)
from server.web.answers import on_bug, on_http_error, on_refusal
from server.web.look import load_look
from server.web.openapi import make_document
from server.web.operations import Operations
from server.web.rate import NetworkRates
from server.web.running import routes_of
from server.web.socket import SocketEndpoint
from server.wire.views import Features, Limits

MOST_SPREAD_MS = 2_000
GOODBYES_AT_ONCE = 100
GOODBYES_EVERY_S = 0.25


class Node:
    """One server process: its services, its hub, its background tasks."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.services = Services(
            settings=settings,
            store=store,
            tokens=Tokens(settings.session_keys, session_ttl_s=settings.session_token_ttl_s),
            site_tokens=SiteTokens(settings),
            links=LinkSecrets(settings.link_keys, settings.public_url),
            mail=load_site_mail(settings),
        )
        self.hub = Hub(
            load_room=store.rooms.load_in_epoch,
            read_log=store.rooms.read_log,
            now_ms=store.clock.now_ms,
            greeting=_greeting(settings),
        )
        self.lease = LeaseKeeper(self.services, self.hub)
        self.sockets = SocketEndpoint(self.services, self.hub)
        self._mailer = Mailer(self.services, self.services.mail) if self.services.mail and settings.mail_workers else None
        self._outgoing = OutgoingFlusher(self.services, self.hub)
        self._tasks = BackgroundTasks()
        self._gate = StoreGate(store)
        self._started = False

    def readiness(self) -> tuple[bool, str]:
        """Whether this node can serve, else why not."""
        if not self._started:
            return False, self._gate.why
        if self.sockets.draining:
            return False, "draining"
        return not self.lease.is_frozen, "store_unavailable"

    def holds(self) -> dict[str, int]:
        """How much there is on this node just now."""
        return {"connections": len(self.hub.all_connections()), "rooms": len(self.hub.rooms), "tasks": len(asyncio.all_tasks())}

    async def start(self) -> None:
        """Begin once the store answers; until then the node is up and not ready."""
        self._tasks.start("start", self._start_when_possible)

    async def _start_when_possible(self) -> None:
        await self._gate.passed()
        await self.lease.renew()
        log = self.services.store.log
        followers = [LogFollower(log, self.hub, self.lease, shards) for shards in log.groups()]
        self._tasks.start("lease", self.lease.step)
        self._tasks.start("watch", self.lease.watch)
        if self.services.store.address.kind is StoreKind.SENTINEL:
            self._tasks.start("master", MasterFollower(self.services.store).step)
        for follower in followers:
            self._tasks.start("log", follower.step)
        self._tasks.start("due", DueRunner(self.services).step)
        self._tasks.start("sweeper", Sweeper(self.services, self.lease).step)
        self._tasks.start("ticker", Ticker(self.hub).step)
        self._tasks.start("outgoing", self._outgoing.step)
        self._tasks.start("site", SiteKeeper(self.services, self.hub).step)
        if self._mailer is not None:
            self._tasks.start("mailer", self._mailer.step)
        # What is loaded by now stays: a full collection over it would only stop the loop.
        gc.freeze()
        self._started = True
        await asyncio.Event().wait()

    async def drain(self) -> None:
        """Take nobody in any more, send the tabs elsewhere, and wait until they went, for as long as there is time."""
        self.sockets.draining = True
        ends_at_s = asyncio.get_running_loop().time() + self.settings.drain_ms / 1000
        await self._say_goodbye(self.hub.all_connections())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(ends_at_s):
                await self.sockets.emptied.wait()

    async def _say_goodbye(self, connections: list[Connection]) -> None:
        """Some at a time, over half of the time there is: however many they are, each is away for a moment only, and the other
        nodes get no herd."""
        random.shuffle(connections)
        batches = [connections[start : start + GOODBYES_AT_ONCE] for start in range(0, len(connections), GOODBYES_AT_ONCE)]
        # Whoever comes back when told to is back within the grace, so that nobody sees them leave.
        spread_ms = min(self.settings.drain_ms, self.settings.participant_grace_ms // 2, MOST_SPREAD_MS)
        for number, batch in enumerate(batches, start=1):
            for connection in batch:
                connection.end(ShuttingDown(retry_after_ms=random.randint(0, spread_ms)))
            if number < len(batches):
                await asyncio.sleep(min(GOODBYES_EVERY_S, self.settings.drain_ms / 2_000 / len(batches)))

    async def stop(self) -> None:
        await self._tasks.stop()
        with contextlib.suppress(StoreUnavailable, TimeoutError):  # the leases run out by themselves
            async with asyncio.timeout(2):
                await self._outgoing.flush()
                await self.lease.drop()
        # After the leases: they would run out while a slow mail server is waited for.
        if self._mailer is not None:
            with contextlib.suppress(StoreUnavailable):  # what it had in hand is taken up by others in time
                await self._mailer.close()
        await self.hub.close()
        await self.services.store.close()


def _greeting(settings: Settings) -> Greeting:
    limits = Limits(
        max_frame_bytes=settings.max_frame_bytes,
        commands_per_s=settings.commands_per_s,
        commands_burst=settings.commands_burst,
        tabs_per_person=settings.tabs_per_person,
    )
    # As the settings say, until the site's document has been read.
    features = Features(invite_to_media=settings.invite_to_media, email=settings.smtp_url is not None, guest_access=True)
    return Greeting(heartbeat_ms=HEARTBEAT_S * 2_000, limits=limits, features=features)


def operations_of(settings: Settings) -> list[Operations]:
    """Every part of the HTTP API: what is mounted, and what the OpenAPI document describes."""
    parts = [
        health.operations,
        documents_api.operations,
        rooms_api.rooms,
        sessions_api.operations,
        acts_api.operations,
        invitations_api.operations,
        preview_api.operations,
        media_api.operations,
        links_api.operations,
        sign_in_api.operations,
        audit_api.operations,
        export_api.operations,
        directory_api.operations,
        bulk_api.operations,
        site_api.operations,
        guests_api.operations,
        mail_api.operations,
        keys_api.operations,
        support_api.operations,
    ]
    return [*parts, *([sign_in_api.demo_operations] if settings.demo_sign_in else [])]


def create_app(settings: Settings, store: Store | None = None) -> Starlette:
    """The ASGI app of one node. `store`: one of the caller's, instead of one made from the settings."""
    look = load_look(settings)
    node = Node(settings, store or Store(settings))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await node.start()
        yield
        await node.stop()

    parts = operations_of(settings)
    routes: list[Route | WebSocketRoute] = [
        WebSocketRoute("/v1/ws", node.sockets),
        *routes_of(parts),
        *pages_api.routes(),
        *brand_api.routes(),
    ]
    handlers: dict[Any, Any] = {Refusal: on_refusal, HTTPException: on_http_error, Exception: on_bug}
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)
    app.router.redirect_slashes = False  # a redirect would name the host that the request names
    app.state.services = node.services
    app.state.rates = NetworkRates(per_s=settings.http_per_s, burst=settings.http_burst)
    app.state.readiness = node.readiness
    app.state.holds = node.holds
    app.state.node = node
    app.state.look = look
    app.state.openapi = msgspec.json.encode(make_document(parts))
    return app

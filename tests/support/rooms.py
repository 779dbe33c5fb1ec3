"""A site with a room and people in it, on a store of the test's choice: nodes are `Services`, people come by their names."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import fakeredis

from client_sim.device import Device
from server.actions import let_in, presence, rooms
from server.actions.guest_links import GuestLinkChanges, create_guest_link
from server.actions.guests import enter_as_guest, look_at_guest_link
from server.actions.invitations import Invitee, invite
from server.actions.links import LinkLook, Visitor, claim_link, look_at_link
from server.actions.services import Answer, Request, Services
from server.actions.sign_in import SignedIn, sign_in
from server.domain.contents import RoomContents
from server.domain.events import Entry
from server.domain.person import Person, PersonState
from server.domain.roles import Role
from server.domain.room import Room
from server.mail.site_mail import load_site_mail
from server.settings import EMBEDDED_URL, Settings, load_settings
from server.store.keys import shard_of
from server.store.shards import ShardPulse
from server.store.store import Store
from server.trust.link_secrets import LinkSecrets
from server.trust.site_tokens import SiteTokens
from server.trust.tokens import SessionClaims, Tokens
from tests.support.lifetimes import keys_without_end

ROOM = "room-1"
HOUR_MS = 3_600_000

# A site with a secret of its own, so that tests may sign its tokens; few shards, so that leases are quick to take.
ENVIRON = {
    "SESSION_KEYS": "k1:0123456789abcdef0123456789abcdef",
    "LINK_KEYS": "k1:fedcba9876543210fedcba9876543210",
    "ADMIN_API_KEYS": "abcdefghijklmnopqrstuvwxyz012345",
    "LOG_SHARDS": "2",
    # Mails are queued; who wants them sent runs a mailer.
    "SMTP_URL": "smtp://127.0.0.1:25",
    "MAIL_FROM": "Rooms <rooms@example.org>",
}


def make_settings(store_url: str, **changes: Any) -> Settings:
    return replace(load_settings({**ENVIRON, "REDIS_URL": store_url}), **changes)


def address_of(name: str) -> str:
    return f"{name}@example.com"


class Site:
    """The nodes of one site over one store, and the people of its room by name."""

    def __init__(self, store_url: str, settings: dict[str, Any], skew_ms: int) -> None:
        self._store_url = store_url
        self._settings = settings
        self._skew_ms = skew_ms
        self._embedded = fakeredis.FakeServer() if store_url == EMBEDDED_URL else None
        self._nodes: list[Services] = []
        self._numbers = itertools.count(1)
        self.ids: dict[str, str] = {}
        self.guests: dict[str, SessionClaims] = {}  # what a guest's session token says

    # ── Nodes ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def add_node(self, **settings: Any) -> Services:
        """One more node over the same data, with its leases."""
        made = make_settings(self._store_url, **{**self._settings, **settings})
        store = Store(made, embedded=self._embedded, skew_ms=self._skew_ms)
        services = Services(
            settings=made,
            store=store,
            tokens=Tokens(made.session_keys, session_ttl_s=made.session_token_ttl_s),
            site_tokens=SiteTokens(made),
            links=LinkSecrets(made.link_keys, made.public_url),
            mail=load_site_mail(made),
        )
        self._nodes.append(services)
        await renew_leases(services)
        return services

    @property
    def services(self) -> Services:
        return self._nodes[0]

    @property
    def store(self) -> Store:
        return self._nodes[0].store

    async def close(self) -> None:
        for node in self._nodes:
            await node.store.close()

    # ── The room ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def create_room(self, room_id: str = ROOM, **fields: Any) -> None:
        room = Room(**{"room_id": room_id, "title": "A room", **fields})
        await rooms.create_room(self.services, room, self.new_id("create"))

    async def now_ms(self) -> int:
        """The store's clock."""
        return (await renew_lease(self.services, 0)).now_ms

    async def contents(self, room_id: str = ROOM) -> RoomContents:
        return await self.store.rooms.load(room_id)

    async def seq(self) -> int:
        return (await self.contents()).seq

    async def entries(self, after: int = 0, room_id: str = ROOM) -> list[Entry]:
        """What the room's log holds since `after`."""
        upto = (await self.contents(room_id)).seq
        found = await room_log(self.store, room_id, after, upto)
        assert found is not None, "the room's log does not reach so far back"
        return found

    # ── People ───────────────────────────────────────────────────────────────────────────────────────────────────

    def new_id(self, kind: str = "q") -> str:
        return f"{kind}-{next(self._numbers)}"

    def by(self, name: str | None, request_id: str | None = None) -> Request:
        """A request of this person's; of the site's own where there is no name."""
        actor_id = self.ids[name] if name else None
        return Request(room_id=ROOM, actor_id=actor_id, request_id=request_id or self.new_id())

    async def person(self, name: str) -> Person:
        return (await self.contents()).people[self.ids[name]]

    async def meet(self, name: str, role: Role = Role.VIEWER, /, **known: Any) -> str:
        """Somebody whom the site has signed in; they are not there yet."""
        email = address_of(name)
        fields = {"name": name.title(), "role": role, "user_id": name, "email": email, "email_proof": "sign_in", **known}
        answer = await self.store.people.identify(
            ROOM, identities=[f"user:{name}", f"email:{email}"], participant_id=f"p-{name}", person=fields
        )
        self.ids[name] = answer["participant_id"]
        return self.ids[name]

    async def arrive(self, name: str, role: Role = Role.VIEWER, tab: str = "1") -> str:
        """They come with a tab, and walk in or wait as the door says; returns their id."""
        if name not in self.ids:
            await self.meet(name, role)
        await self.open_tab(name, tab)
        return self.ids[name]

    async def bring_in(self, name: str, role: Role = Role.VIEWER) -> str:
        """They come, and are let in whatever the door says."""
        participant_id = await self.arrive(name, role)
        if (await self.person(name)).state is not PersonState.INSIDE:
            await let_in.admit(self.services, self.by(None), [participant_id])
        return participant_id

    async def open_tab(self, name: str, tab: str = "1", *, on: Services | None = None, replaces: str | None = None) -> int:
        before = tab_id(name, replaces) if replaces else None
        return await presence.enter(on or self.services, self.claims(name), tab_id(name, tab), replaces=before)

    async def close_tab(self, name: str, tab: str = "1", *, at_once: bool = True) -> None:
        await presence.leave(self.services, self.claims(name), tab_id(name, tab), at_once=at_once)

    def claims(self, name: str) -> SessionClaims:
        return self.guests.get(name) or SessionClaims(room_id=ROOM, participant_id=self.ids[name])

    # ── Links ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def invite(self, name: str, role: Role = Role.VIEWER, *, by: str | None = None, **fields: Any) -> Answer:
        """An invitation for this person's address; the answer carries `secret` as well."""
        invitee = Invitee(email=address_of(name), first_name=name.title(), last_name="Invited", role=role, **fields)
        answer = await invite(self.services, self.by(by), invitee)
        return {**answer, "secret": answer["link"].partition("#")[2]}

    async def look(self, secret: str, visitor: Visitor) -> LinkLook:
        return await look_at_link(self.services, ROOM, secret, visitor)

    async def claim(
        self, secret: str, name: str, device: Device, *, on: Services | None = None, network: str = "192.0.2.1"
    ) -> SignedIn:
        """Look at a link and claim it with this person's address on a device."""
        services = on or self.services
        look = await look_at_link(services, ROOM, secret, Visitor(network=network, device_key=dict(device.jwk)))
        return await claim_link(services, ROOM, secret, visitor_with(device, look.nonce, name, network))

    async def sign_in(self, name: str) -> SignedIn:
        token = self.services.site_tokens.mint_demo(
            user_id=name, name=name.title(), email=address_of(name), now_ms=self.services.now_ms()
        )
        signed_in = await sign_in(self.services, ROOM, token)
        self.ids[name] = signed_in.participant_id
        return signed_in

    # ── Guests ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def make_guest_link(self, name: str = "Everybody", **limits: int) -> Answer:
        """A guest link; the answer carries `secret` as well."""
        made = await create_guest_link(self.services, self.by(None), GuestLinkChanges(name=name, **limits))
        return {**made, "secret": made["link"].partition("#g.")[2]}

    async def enter_as_guest(
        self, secret: str, name: str, device: Device, *, on: Services | None = None, email: str | None = None
    ) -> SignedIn:
        """Look at a guest link and come in by it, with this person's name and address, on a device; they are `name` then."""
        services, key = on or self.services, dict(device.jwk)
        look = await look_at_guest_link(services, ROOM, secret, Visitor(network="192.0.2.1", device_key=key))
        visitor = visitor_with(device, look.nonce, name)
        signed_in = await enter_as_guest(services, ROOM, secret, visitor, name=name.title(), email=email or address_of(name))
        self.ids[name] = signed_in.participant_id
        self.guests[name] = services.tokens.read_session(signed_in.session_token, services.now_ms())
        return signed_in


def tab_id(name: str, tab: str = "1") -> str:
    return f"c-{name}-{tab}"


def visitor_with(device: Device, nonce: str, name: str, network: str = "192.0.2.1") -> Visitor:
    """Somebody who gives this person's address and proves this device."""
    return Visitor(
        network=network, device_key=dict(device.jwk), nonce=nonce, proof=device.claim_proof(nonce), email=address_of(name)
    )


async def renew_lease(services: Services, shard: int) -> ShardPulse:
    """What a node does each second."""
    shards = services.store.shards
    return await shards.renew_lease(shard)


async def renew_leases(services: Services) -> None:
    """Take or renew the node's leases, and read the store's clock."""
    for shard in range(services.store.shards.count):
        sent_s = time.monotonic()
        pulse = await renew_lease(services, shard)
        services.store.clock.measured(pulse.now_ms, sent_s, time.monotonic())


def shard_of_room(services: Services, room_id: str = ROOM) -> int:
    return shard_of(room_id, services.store.shards.count)


@asynccontextmanager
async def open_site(store_url: str, *, skew_ms: int = 0, **settings: Any) -> AsyncIterator[Site]:
    """A site with one node and no room. `settings` differ from the defaults; `skew_ms` moves the store's clock.

    A test that leaves a key without an end fails.
    """
    site = Site(store_url, {"lease_ttl_ms": 60_000, **settings}, skew_ms)
    try:
        await site.add_node()
        yield site
        assert await keys_without_end(site.store) == []
    finally:
        await site.close()


async def room_log(store: Store, room_id: str, after: int, upto: int) -> list[Entry] | None:
    """A room's log as it is now."""
    _, epoch = await store.rooms.load_in_epoch(room_id)
    return await store.rooms.read_log(room_id, epoch, after, upto)

"""HTTP for the room product, with an API key: rooms, and who is there."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from server.actions import rooms as room_actions
from server.domain.access import MAX_CHANNEL_ID_CHARS
from server.domain.refusals import (
    AlreadyLive,
    DomainInvalid,
    EmailNotConfigured,
    LastOwner,
    RoleForbidden,
    RoomDeleted,
    RoomExists,
    RuleTooWide,
    SeqNotReached,
    SessionEnded,
    TooManyRules,
)
from server.domain.reopening import reopenable_until_ms
from server.domain.room import Access, ClaimProof, Kind, Opens, Phase, Room
from server.domain.room_settings import MAX_STANDINGS
from server.domain.roster import Roster
from server.store import room_list
from server.web.answers import Body
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.web.paging import Page, read_cursor, write_cursor
from server.web.shapes import ListedRoom, RoomAnswer, RoomsAnswer
from server.wire.audiences import Audience
from server.wire.messages import (
    AccessName,
    Capacity,
    Description,
    DomainNames,
    EarlyEntry,
    EmailProofName,
    GroupName,
    HostAbsence,
    Id,
    Instant,
    LinkDevices,
    LinkTtl,
    OpensName,
    ReopenTime,
    Search,
    Title,
)
from server.wire.paging import query_for, show_page, show_waiters_page
from server.wire.showing import show_room
from server.wire.views import ParticipantsPageView, WaitersPageView

DOMAIN_REFUSALS = (DomainInvalid, RuleTooWide, TooManyRules)
StandingName = Literal["owner", "co_owner", "co_editor", "co_publisher"]
Standings = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=128)], StandingName], Meta(max_length=MAX_STANDINGS)
]


class CreateRoomBody(Body):
    title: Title
    room_id: Id | None = None
    description: Description | None = None
    kind: Literal["standalone", "channel"] = "standalone"
    channel_id: Annotated[str, Meta(min_length=1, max_length=MAX_CHANNEL_ID_CHARS)] | None = None
    opens: OpensName = "at_start"
    access: AccessName = "members"
    starts_at_ms: Instant | None = None
    ends_at_ms: Instant | None = None
    locked: bool = False
    cnc: bool = True
    early_entry_s: EarlyEntry = 900
    link_ttl_s: LinkTtl = 86_400
    link_devices: LinkDevices = 1
    email_proof: EmailProofName = "typed"
    reopen_s: ReopenTime = 86_400
    moderators_invite: bool | None = None
    speakers_initiate: bool | None = None
    rename: bool = False
    capacity: Capacity | None = None
    host_absence_s: HostAbsence = 900
    guest_access: bool = True
    allowed_domains: DomainNames = msgspec.field(default_factory=list)
    blocked_domains: DomainNames = msgspec.field(default_factory=list)
    standings: Standings = msgspec.field(default_factory=dict)


class EditRoomBody(Body):
    title: Title | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    starts_at_ms: Instant | UnsetType | None = UNSET
    ends_at_ms: Instant | UnsetType | None = UNSET
    opens: OpensName | UnsetType = UNSET
    access: AccessName | UnsetType = UNSET
    cnc: bool | UnsetType = UNSET
    early_entry_s: EarlyEntry | UnsetType = UNSET
    link_ttl_s: LinkTtl | UnsetType = UNSET
    link_devices: LinkDevices | UnsetType = UNSET
    email_proof: EmailProofName | UnsetType = UNSET
    reopen_s: ReopenTime | UnsetType = UNSET
    moderators_invite: bool | UnsetType = UNSET
    speakers_initiate: bool | UnsetType = UNSET
    rename: bool | UnsetType = UNSET
    standings: Standings | UnsetType = UNSET
    capacity: Capacity | UnsetType | None = UNSET
    host_absence_s: HostAbsence | UnsetType = UNSET
    guest_access: bool | UnsetType = UNSET
    allowed_domains: DomainNames | UnsetType = UNSET
    blocked_domains: DomainNames | UnsetType = UNSET


class LineQuery(Page):
    search: Search | None = None
    at_least_seq: Annotated[int, Meta(ge=0, le=9_999_999_999_999)] | None = None


class ParticipantsQuery(LineQuery):
    group: GroupName = "all"


rooms = Operations("Rooms")


@rooms.post("/v1/rooms", caller=Caller.SITE, status=201, refuses=(RoomExists, EmailNotConfigured, *DOMAIN_REFUSALS))
async def create_room(call: Call, body: CreateRoomBody) -> RoomAnswer:
    """Create a room.

    It is open at once where it has no start. Without `room_id` the room gets one. The room of a channel names its
    `channel_id`. `moderators_invite`, `speakers_initiate`: as the site has them, where they are left out.
    """
    fields = msgspec.structs.asdict(body) | {"room_id": body.room_id or _new_room_id(call)}
    fields |= await room_actions.switches_for(call.services, body.moderators_invite, body.speakers_initiate)
    kinds = {
        "kind": Kind(body.kind), "opens": Opens(body.opens), "access": Access(body.access),
        "email_proof": ClaimProof(body.email_proof),
    }
    room = Room(**fields | kinds)
    made = await room_actions.create_room(call.services, room, call.request.request_id)
    return _shown(call, made["room"], seq=made["seq"], now_ms=made["now_ms"])


@rooms.get("/v1/rooms", caller=Caller.SITE)
async def list_rooms(call: Call, query: Page) -> RoomsAnswer:
    """List the site's rooms, in no order that means anything; deleted ones are left out."""
    after = read_cursor(query.cursor, tuple[Annotated[int, Meta(ge=0)], str])
    found = await room_list.list_rooms(call.services.store.scripts, after, query.limit)
    return RoomsAnswer(rooms=[_listed(room) for room in found.rooms], next_cursor=write_cursor(found.last))


@rooms.get("/v1/rooms/{room_id}", caller=Caller.SITE, conditional=True, refuses=(RoomDeleted,))
async def get_room(call: Call) -> RoomAnswer:
    """Read a room."""
    return await _show(call, call.request.room_id)


@rooms.patch(
    "/v1/rooms/{room_id}", caller=Caller.SITE_OR_MANAGER, conditional=True,
    refuses=(RoomDeleted, SessionEnded, AlreadyLive, RoleForbidden, LastOwner, EmailNotConfigured, *DOMAIN_REFUSALS),
)
async def edit_room(call: Call, body: EditRoomBody) -> RoomAnswer:
    """Change what is named; what is left out stays.

    A new start moves everybody's countdown at once; with null there is none, and a host opens the room. `standings` is the
    whole map: whoever has a new one and is inside is a manager at once, and who loses it a viewer; it is the room product's
    alone to change.
    """
    changes = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
    await room_actions.edit_room(call.services, call.request, changes)
    return await _show(call, call.request.room_id)


@rooms.delete("/v1/rooms/{room_id}", caller=Caller.SITE_OR_MANAGER, conditional=True, refuses=(RoleForbidden,))
async def delete_room(call: Call) -> None:
    """Delete a room and everything in it."""
    await room_actions.delete_room(call.services, call.request)


@rooms.get("/v1/rooms/{room_id}/participants", caller=Caller.SITE, refuses=(SeqNotReached,))
async def list_participants(call: Call, query: ParticipantsQuery) -> ParticipantsPageView:
    """List who is in the room, by name.

    Every page says the `seq` of the log at which it is true. To reconcile what webhooks told with the truth: read all pages,
    take the lowest `seq`, and go on from there; rows are whole, so hearing of one twice changes nothing. With `at_least_seq`
    the answer is no older than that, or refused with `seq_not_reached`.
    """
    roster, seq = await _roster(call, query.at_least_seq)
    wanted = query_for(query.group, cursor=query.cursor, search=query.search)
    return show_page(roster, replace(wanted, limit=query.limit), Audience.MANAGERS, seq)


@rooms.get("/v1/rooms/{room_id}/line", caller=Caller.SITE, refuses=(SeqNotReached,))
async def list_line(call: Call, query: LineQuery) -> WaitersPageView:
    """List who waits in line, in its order; see the list of participants."""
    roster, seq = await _roster(call, query.at_least_seq)
    wanted = query_for("line", cursor=query.cursor, search=query.search)
    return show_waiters_page(roster, replace(wanted, limit=query.limit), seq)


def _new_room_id(call: Call) -> str:
    """The same for the same Idempotency-Key, so that a repetition finds the room that the first call made."""
    key = call.http.headers.get("idempotency-key")
    return "r" + (hashlib.sha256(key.encode()).hexdigest()[:16] if key else secrets.token_hex(8))


async def _roster(call: Call, at_least_seq: int | None) -> tuple[Roster, int]:
    """Who is in the room and in its line, and since when that is true. Raises: RoomUnknown, SeqNotReached."""
    contents = await call.services.store.rooms.load(call.request.room_id)
    if at_least_seq is not None and contents.seq < at_least_seq:
        raise SeqNotReached
    return Roster(contents.people.values()), contents.seq


async def _show(call: Call, room_id: str) -> RoomAnswer:
    facts = await call.services.store.facts(room_id)
    if facts.room.phase is Phase.DELETED:
        raise RoomDeleted
    return _shown(call, facts.room, seq=facts.seq, now_ms=facts.now_ms)


def _shown(call: Call, room: Room, *, seq: int, now_ms: int) -> RoomAnswer:
    call.tag(room.rev)
    return RoomAnswer(**msgspec.structs.asdict(_listed(room)), seq=seq, now_ms=now_ms)


def _listed(room: Room) -> ListedRoom:
    return ListedRoom(
        **msgspec.structs.asdict(show_room(room)), access=room.access,
        channel_id=room.channel_id, early_entry_s=room.early_entry_s, link_ttl_s=room.link_ttl_s,
        link_devices=room.link_devices, email_proof=room.email_proof, reopen_s=room.reopen_s,
        reopenable_until_ms=reopenable_until_ms(room),
        standings=room.standings,
        allowed_domains=room.allowed_domains, blocked_domains=room.blocked_domains,
    )

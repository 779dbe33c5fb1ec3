"""HTTP for the room product, with an API key: rooms, invitations, and who is there."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from server.actions import invitations as invitation_actions
from server.actions import rooms as room_actions
from server.actions.invitations import Invitee
from server.actions.services import Request, Services
from server.domain.refusals import BadMessage, KeyInvalid, RoomDeleted
from server.domain.roles import Role
from server.domain.room import Access, Opens, Phase, Room
from server.web.answers import Body, answer, read_body
from server.wire.audiences import Audience
from server.wire.messages import Email, GrantableRole, Id, Instant, Name
from server.wire.showing import show_invitation, show_room, show_snapshot

Title = Annotated[str, Meta(min_length=1, max_length=200)]
Description = Annotated[str, Meta(max_length=2000)]
StandingName = Literal["owner", "co_owner", "co_editor", "co_publisher"]


class CreateRoomBody(Body):
    title: Title
    room_id: Id | None = None
    description: Description | None = None
    opens: Literal["at_start", "by_host"] = "at_start"
    access: Literal["members", "invited"] = "members"
    starts_at_ms: Instant | None = None
    ends_at_ms: Instant | None = None
    locked: bool = False
    cnc: bool = True
    early_entry_s: Annotated[int, Meta(ge=0, le=86_400)] = 900
    link_ttl_s: Annotated[int, Meta(ge=60, le=31_536_000)] = 86_400
    link_devices: Annotated[int, Meta(ge=-1, le=100)] = 1
    standings: Annotated[dict[Annotated[str, Meta(min_length=1, max_length=128)], StandingName], Meta(max_length=200)] = (
        msgspec.field(default_factory=dict)
    )


class EditRoomBody(Body):
    title: Title | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    starts_at_ms: Instant | UnsetType = UNSET


class InviteBody(Body):
    email: Email
    first_name: Name
    last_name: Name
    role: GrantableRole
    at_once: bool = False


class RevokeBody(Body):
    remove: bool = False


class ExtendBody(Body):
    pass


def routes() -> list[Route]:
    return [
        Route("/v1/rooms", create_room, methods=["POST"]),
        Route("/v1/rooms/{room_id}", get_room, methods=["GET"]),
        Route("/v1/rooms/{room_id}", edit_room, methods=["PATCH"]),
        Route("/v1/rooms/{room_id}", delete_room, methods=["DELETE"]),
        Route("/v1/rooms/{room_id}/participants", list_participants, methods=["GET"]),
        Route("/v1/rooms/{room_id}/invitations", list_invitations, methods=["GET"]),
        Route("/v1/rooms/{room_id}/invitations", invite, methods=["POST"]),
        Route("/v1/rooms/{room_id}/invitations/{invitation_id}/revoke", revoke, methods=["POST"]),
        Route("/v1/rooms/{room_id}/invitations/{invitation_id}/extend", extend, methods=["POST"]),
    ]


async def create_room(request: HttpRequest) -> Response:
    services = _authorised(request)
    body = await read_body(request, CreateRoomBody, services.settings.max_frame_bytes)
    if body.link_devices == 0:
        raise BadMessage("link_devices is a number of devices, or -1 for any.")
    if body.ends_at_ms is not None and body.ends_at_ms <= (body.starts_at_ms or 0):
        raise BadMessage("ends_at_ms must come after starts_at_ms.")
    fields = msgspec.structs.asdict(body) | {"room_id": body.room_id or _new_room_id(request)}
    room = Room(**{**fields, "opens": Opens(body.opens), "access": Access(body.access)})
    await room_actions.create_room(services, room, _request_of(request, room.room_id).request_id)
    return await _show(services, room.room_id, status=201)


async def get_room(request: HttpRequest) -> Response:
    services = _authorised(request)
    return await _show(services, request.path_params["room_id"])


async def edit_room(request: HttpRequest) -> Response:
    services = _authorised(request)
    body = await read_body(request, EditRoomBody, services.settings.max_frame_bytes)
    changes = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
    await room_actions.edit_room(services, _request_of(request), changes)
    return await _show(services, request.path_params["room_id"])


async def delete_room(request: HttpRequest) -> Response:
    services = _authorised(request)
    await room_actions.delete_room(services, _request_of(request))
    return Response(status_code=204)


async def list_participants(request: HttpRequest) -> Response:
    services = _authorised(request)
    contents = await services.store.rooms.load(request.path_params["room_id"])
    shown = show_snapshot(contents, Audience.MANAGERS)
    return answer({"seq": shown.seq, "participants": shown.participants, "waiters": shown.waiters})


async def list_invitations(request: HttpRequest) -> Response:
    services = _authorised(request)
    contents = await services.store.rooms.load(request.path_params["room_id"])
    ordered = sorted(contents.invitations.values(), key=lambda invitation: invitation.created_at_ms)
    return answer({"invitations": [show_invitation(invitation) for invitation in ordered]})


async def invite(request: HttpRequest) -> Response:
    services = _authorised(request)
    body = await read_body(request, InviteBody, services.settings.max_frame_bytes)
    invitee = Invitee(
        email=body.email, first_name=body.first_name, last_name=body.last_name, role=Role(body.role), at_once=body.at_once
    )
    made = await invitation_actions.invite(services, _request_of(request), invitee)
    return answer({name: made[name] for name in ("invitation_id", "link", "replaced")}, status=201)


async def revoke(request: HttpRequest) -> Response:
    services = _authorised(request)
    body = await read_body(request, RevokeBody, services.settings.max_frame_bytes)
    invitation_id = request.path_params["invitation_id"]
    await invitation_actions.revoke(services, _request_of(request), invitation_id, remove_person=body.remove)
    return answer({})


async def extend(request: HttpRequest) -> Response:
    services = _authorised(request)
    await read_body(request, ExtendBody, services.settings.max_frame_bytes)
    made = await invitation_actions.extend(services, _request_of(request), request.path_params["invitation_id"])
    return answer({"expires_at_ms": made["expires_at_ms"]})


def _authorised(request: HttpRequest) -> Services:
    """Raises: KeyInvalid."""
    services: Services = request.app.state.services
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    keys = services.settings.admin_api_keys
    matches = [hmac.compare_digest(given.encode(), key.reveal().encode()) for key in keys]
    if scheme.lower() != "bearer" or not any(matches):
        raise KeyInvalid
    return services


def _request_of(request: HttpRequest, room_id: str | None = None) -> Request:
    """The site as the actor; an Idempotency-Key makes a repetition the same request."""
    key = request.headers.get("idempotency-key", "")
    if len(key) > 64 or not key.isascii() or not key.isprintable():
        raise BadMessage("An Idempotency-Key has at most 64 printable characters.")
    named = f"site.{request.method}.{request.url.path}.{key}" if key else f"site.{secrets.token_hex(12)}"
    return Request(room_id=room_id or request.path_params["room_id"], actor_id=None, request_id=named)


def _new_room_id(request: HttpRequest) -> str:
    """The same for the same Idempotency-Key, so that a repetition finds the room that the first call made."""
    key = request.headers.get("idempotency-key")
    return "r" + (hashlib.sha256(key.encode()).hexdigest()[:16] if key else secrets.token_hex(8))


async def _show(services: Services, room_id: str, status: int = 200) -> Response:
    contents = await services.store.rooms.load(room_id)
    if contents.room.phase is Phase.DELETED:
        raise RoomDeleted
    shown = msgspec.to_builtins(show_room(contents.room))
    shown |= {"seq": contents.seq, "now_ms": contents.now_ms, "access": contents.room.access, "cnc": contents.room.cnc}
    return answer(shown, status)

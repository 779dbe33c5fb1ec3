"""HTTP for the page of a room on the site: what is announced of it, to whom the site has signed in."""

from __future__ import annotations

from msgspec import structs

from server.actions.media import Media, read_media
from server.domain.refusals import InviteReplaced, InviteRevoked, NotInvited, RoomDeleted, TokenInvalid
from server.web.callers import Caller, bearer_of
from server.web.operations import Call, Operations
from server.wire.showing import show_features, show_room_outside
from server.wire.views import Features, LobbyRoomView, View

operations = Operations("Rooms")


class MediaRoomView(LobbyRoomView):
    """A room as it is announced. `access`: who comes in without a link; `cnc`: whether people can be invited into it."""

    kind: str
    access: str
    ends_at_ms: int | None
    cnc: bool


class MediaAnswer(View):
    """`standing`: of whoever asks, null for all but managers. `permissions`: what they may do for the room from outside, at the
    operations that take a session token of a manager. `now_ms`: the server's clock."""

    room: MediaRoomView
    standing: str | None
    permissions: list[str]
    features: Features
    now_ms: int


@operations.get(
    "/v1/rooms/{room_id}/media", caller=Caller.SIGNED_IN, refuses=(RoomDeleted, NotInvited, InviteRevoked, InviteReplaced)
)
async def get_media(call: Call) -> MediaAnswer:
    """Read what is announced of a room, with the site's sign-in.

    For those whom the room's access covers. Nobody becomes a person of the room by it.
    """
    site_token = bearer_of(call.http)
    if not site_token:
        raise TokenInvalid
    media = await read_media(call.services, call.request.room_id, site_token)
    return show_media(media, email=call.services.mail is not None)


def show_media(media: Media, *, email: bool) -> MediaAnswer:
    room = media.room
    outside = structs.asdict(show_room_outside(room, proven=True))
    shown = MediaRoomView(**outside, kind=room.kind, access=room.access, ends_at_ms=room.ends_at_ms, cnc=room.cnc)
    return MediaAnswer(
        room=shown, standing=media.standing, permissions=media.permissions,
        features=show_features(media.site, email=email), now_ms=media.now_ms,
    )

"""HTTP for managers: the pages that an invitee would see, without spending or opening anything."""

from __future__ import annotations

from typing import Literal

from server.actions.links import LinkState
from server.actions.preview import LinkPreview, preview_link
from server.domain.refusals import InvitationUnknown, RoleForbidden, RoomUnknown
from server.web.callers import Caller
from server.web.invitations_api import PATH
from server.web.operations import Call, Operations, Query
from server.web.shapes import RefusalView, show_refusal
from server.wire.lobby import Places, lobby_of_link, lobby_of_person
from server.wire.showing import show_room_outside
from server.wire.views import LobbyRoomView, LobbyView, View

operations = Operations("Invitations")

# The page that a link shows before anybody has proven the address; a device that has claimed it goes on at once.
_SHOWS_LINK = frozenset({LinkState.EMAIL_ENTRY, LinkState.USED, LinkState.MOVED})


class PreviewQuery(Query):
    """`device`: own, the invitee's (the newest that has claimed the link, or the first to open it), or other: any besides."""

    device: Literal["own", "other"] = "own"


class LookedView(View):
    """What the page learns when the link is opened; see the look at a link."""

    state: str
    room: LobbyRoomView
    email_proof: str


class LinkPreviewAnswer(View):
    """What an invitation's link would show, opened now. `refusal`: opening it is refused with that, and the rest is null.
    `look`: what the page learns first. `before`: what it shows until the address is proven, null where nothing is asked for.
    `claim_refusal`: what the right address would be refused with. `inside`: it leads straight into the room. `after`: what the
    page shows once the address is proven, null where it is refused or leads into the room."""

    refusal: RefusalView | None
    look: LookedView | None
    before: LobbyView | None
    claim_refusal: RefusalView | None
    inside: bool
    after: LobbyView | None
    now_ms: int


@operations.get(
    PATH + "/{invitation_id}/preview", caller=Caller.SITE_OR_PERSON, refuses=(RoomUnknown, InvitationUnknown, RoleForbidden)
)
async def preview_invitation(call: Call, query: PreviewQuery) -> LinkPreviewAnswer:
    """See what an invitation's link would show now.

    Nothing is used up, the invitation is not marked as opened, and nothing of it is kept. For managers.
    """
    found = await preview_link(
        call.services, call.request, call.path["invitation_id"], elsewhere=query.device == "other"
    )
    return show_preview(found)


def show_preview(found: LinkPreview) -> LinkPreviewAnswer:
    inside, after = _after(found)
    return LinkPreviewAnswer(
        refusal=show_refusal(found.refusal) if found.refusal else None,
        look=_looked(found),
        before=_before(found),
        claim_refusal=show_refusal(found.claim_refusal) if found.claim_refusal else None,
        inside=inside,
        after=after,
        now_ms=found.contents.now_ms,
    )


def _looked(found: LinkPreview) -> LookedView | None:
    if found.state is None:
        return None
    room = show_room_outside(found.contents.room, proven=False)
    return LookedView(state=found.state, room=room, email_proof=found.invitation.email_proof)


def _before(found: LinkPreview) -> LobbyView | None:
    if found.state not in _SHOWS_LINK:
        return None
    return lobby_of_link(found.contents.room, found.invitation, found.device.device_id, found.contents.now_ms)


def _after(found: LinkPreview) -> tuple[bool, LobbyView | None]:
    if found.person is None:
        return False, None
    contents, places = found.contents, Places(found.contents)
    if found.is_let_in(has_seat=places.has_seat(found.person, contents.now_ms)):
        return True, None
    return False, lobby_of_person(contents, found.person, places, contents.now_ms)

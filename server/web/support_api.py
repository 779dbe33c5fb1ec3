"""HTTP for support, with an API key: why somebody does not get in, in one answer with everything that the room knows of them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from server.actions import audit
from server.actions.support import Findings, find_why
from server.domain.admission import Door, LobbyState
from server.domain.audit import RefusalLine
from server.domain.person import Person
from server.domain.refusals import BadMessage, RoomUnknown
from server.domain.room import Access
from server.web.answers import Body
from server.web.audit_api import RefusalRowView, show_refusal_row
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.web.preview_api import LinkPreviewAnswer, show_preview
from server.wire.messages import Email
from server.wire.results import DomainCheckResult
from server.wire.showing import show_invitation_row, show_room
from server.wire.views import InvitationRowView, RoomView, View

operations = Operations("Support")

MAX_ROOM_ID_CHARS = 64

# What the page shows them, as one would say it to somebody else.
_SEES = {
    LobbyState.COUNTDOWN: "They see the countdown, and come in when it is over.",
    LobbyState.WAITING_FOR_HOST: "They wait for a host to start the session.",
    LobbyState.WAITING_IN_LINE: "They wait in line until a host lets them in.",
    LobbyState.ROOM_FULL: "The room is full; they come in when there is a seat.",
    LobbyState.ENTERING: "They are being let in.",
    LobbyState.DECLINED: "A host has declined them; they may ask once more.",
    LobbyState.REMOVED: "A host has removed them; they may ask to come back.",
    LobbyState.LEFT_LINE: "They have left the line, and may join it again.",
    LobbyState.SESSION_ENDED: "The session has ended; as a host they may go on with it.",
}
_BY_DOOR = {
    Door.ENTER: "They come straight in with the site's sign-in.",
    Door.WAIT: "With the site's sign-in they come into the line.",
    Door.STAY_OUT: "A host has declined or removed them; they may ask to come back.",
    Door.AFTER_END: "The session has ended; as a host they may go on with it.",
}
_WITHOUT_LINK = {
    Access.MEMBERS: "Nobody invited this address; whoever the site signs in comes in without a link.",
    Access.CHANNEL_MEMBERS: "Nobody invited this address; members of the channel come in with the site's sign-in.",
}


class WhyBody(Body):
    """In a body, since addresses do not belong in the logs that keep queries."""

    email: Email
    room_id: Annotated[str, Meta(min_length=1, max_length=MAX_ROOM_ID_CHARS)]


class KnownPersonView(View):
    """Somebody of the room with this address. `proven`: by the site's sign-in or a claimed link; else a guest typed it.
    `state`: known, waiting, inside, declined, removed or banned; `present`: with a tab open."""

    participant_id: str
    name: str
    proven: bool
    role: str
    state: str
    present: bool
    admitted: bool
    hold: str | None
    banned_at_ms: int | None
    decline_message: str | None
    invitation_id: str | None
    guest_link_id: str | None


class WhyAnswer(View):
    """`code`: what they would be refused with now, null where they are not; `page`: what their page shows then, or `inside`.
    `sentence`: the same in words. `elsewhere_code`: what any device but their own would be refused with. `domain`: what the
    domain rules say. `link`, `link_elsewhere`: what the invitation that counts would show, on their own device and on another.
    `refusals`: the newest fifty at their links and of these people; what was typed is never kept, so a no to a wrong address
    is there as `email_mismatch` of the link."""

    email: str
    room: RoomView
    code: str | None
    page: str | None
    sentence: str
    elsewhere_code: str | None
    access: str
    domain: DomainCheckResult
    invitations: list[InvitationRowView]
    link: LinkPreviewAnswer | None
    link_elsewhere: LinkPreviewAnswer | None
    people: list[KnownPersonView]
    refusals: list[RefusalRowView]
    now_ms: int


@operations.post("/v1/support/why", caller=Caller.SITE, refuses=(RoomUnknown, BadMessage))
async def why(call: Call, body: WhyBody) -> WhyAnswer:
    """Say why an address does or does not get into a room now, and everything that is known of it there.

    Nothing is changed by it, and nothing of the question is kept.
    """
    found = await find_why(call.services, body.room_id, body.email)
    named = [pair for line in found.refusals for pair in _named(line)]
    names = await audit.read_names(call.services, body.room_id, named)
    return show_why(found, [show_refusal_row(line, names, for_site=True) for line in found.refusals])


def show_why(found: Findings, refusals: list[RefusalRowView]) -> WhyAnswer:
    room, now_ms = found.contents.room, found.contents.now_ms
    own = show_preview(found.own) if found.own else None
    other = show_preview(found.other) if found.other else None
    code, page, sentence = _by_link(own) if own else _without_link(found)
    return WhyAnswer(
        email=found.email, room=show_room(room), code=code, page=page, sentence=sentence,
        elsewhere_code=_by_link(other)[0] if other else None,
        access=room.access,
        domain=msgspec.convert(found.decision, DomainCheckResult, from_attributes=True),
        invitations=[show_invitation_row(one, room, now_ms) for one in found.invitations],
        link=own, link_elsewhere=other,
        people=[_show_person(person, found.email) for person in found.people],
        refusals=refusals,
        now_ms=now_ms,
    )


def _by_link(link: LinkPreviewAnswer) -> tuple[str | None, str | None, str]:
    """Code, page and sentence of somebody who comes with their link and gives the right address."""
    if link.refusal:
        return link.refusal.code, None, f"Opening their link is refused: {link.refusal.message}"
    if link.claim_refusal:
        return link.claim_refusal.code, None, f"The link opens, and the right address is refused: {link.claim_refusal.message}"
    if link.inside or link.after is None:
        return None, "inside", "They come straight into the room."
    return None, link.after.state, _SEES[LobbyState(link.after.state)]


def _without_link(found: Findings) -> tuple[str | None, str | None, str]:
    if found.refusal:
        return found.refusal.code, None, f"Nobody invited this address: {found.refusal.message}"
    if found.door:
        return None, "inside" if found.door is Door.ENTER else None, _BY_DOOR[found.door]
    return None, None, _WITHOUT_LINK[found.contents.room.access]


def _named(line: RefusalLine) -> list[tuple[str, str | None]]:
    return [("person", line.participant_id), ("invitation", line.invitation_id)]


def _show_person(person: Person, email: str) -> KnownPersonView:
    return KnownPersonView(
        participant_id=person.participant_id, name=person.name, proven=person.email == email, role=person.role,
        state=person.state, present=person.present, admitted=person.admitted, hold=person.hold,
        banned_at_ms=person.banned_at_ms, decline_message=person.decline_message, invitation_id=person.invitation_id,
        guest_link_id=person.guest_link_id,
    )

"""HTTP for invitees: looking at a link, claiming it, asking to use another device."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta
from starlette.responses import Response

from server.actions import codes
from server.actions.devices import ask_for_device
from server.actions.links import claim_link, look_at_link
from server.actions.sign_in import SignedIn
from server.actions.visitors import Visitor
from server.domain.refusals import (
    AlreadyDecided,
    Banned,
    ClaimNonceInvalid,
    CodeMismatch,
    CodeRequired,
    DomainBlocked,
    EmailMismatch,
    EmailNotConfigured,
    InviteExpired,
    InviteMoved,
    InviteReplaced,
    InviteRevoked,
    InviteUnknown,
    InviteUsed,
    ProofInvalid,
    RoomDeleted,
    SessionEnded,
    TokenExpired,
    TokenInvalid,
    TooManyAttempts,
)
from server.trust.site_tokens import MAX_SITE_TOKEN_CHARS
from server.web.addresses import network_of
from server.web.answers import Body, answer
from server.web.callers import Caller
from server.web.device_cookie import device_cookie, with_device_cookie
from server.web.operations import Call, Operations
from server.web.shapes import CodeAskedAnswer, DeviceAskedAnswer, LookAnswer, SessionAnswer
from server.wire.messages import MAX_TOKEN_CHARS
from server.wire.showing import show_room_outside

# Mangled secrets get the answer of unknown ones, so nothing but the size of the body bounds them.
Secret = str
Token = Annotated[str, Meta(max_length=MAX_TOKEN_CHARS)]


class DeviceKey(Body):
    kty: Annotated[str, Meta(max_length=8)]
    crv: Annotated[str, Meta(max_length=8)]
    x: Annotated[str, Meta(max_length=64)]
    y: Annotated[str, Meta(max_length=64)]

    def as_jwk(self) -> dict[str, str]:
        return {"kty": self.kty, "crv": self.crv, "x": self.x, "y": self.y}


class LookBody(Body):
    secret: Secret
    device_key: DeviceKey | None = None


class ClaimBody(Body):
    secret: Secret
    nonce: Token
    email: Annotated[str, Meta(max_length=1000)] | None = None
    site_token: Annotated[str, Meta(max_length=MAX_SITE_TOKEN_CHARS)] | None = None
    device_key: DeviceKey | None = None
    proof: Annotated[str, Meta(max_length=200)] | None = None
    code: Annotated[str, Meta(max_length=32)] | None = None


class CodeBody(Body):
    secret: Secret
    nonce: Token
    email: Annotated[str, Meta(max_length=1000)]
    device_key: DeviceKey | None = None
    proof: Annotated[str, Meta(max_length=200)] | None = None


class AskBody(ClaimBody):
    label: Annotated[str, Meta(max_length=100)] = ""


operations = Operations("Links")
_WITHDRAWN = (InviteUnknown, InviteRevoked, InviteReplaced, RoomDeleted, SessionEnded)
_CLAIM = (*_WITHDRAWN, ClaimNonceInvalid, ProofInvalid, EmailMismatch, CodeRequired, CodeMismatch, TooManyAttempts)


@operations.post("/v1/rooms/{room_id}/link/look", caller=Caller.PAGE, refuses=(*_WITHDRAWN, InviteExpired), answers=LookAnswer)
async def look(call: Call, body: LookBody) -> Response:
    """See what a link is.

    Looking uses nothing up. The cookie that comes with the answer is a device without a key.
    """
    cookie = device_cookie(call)
    visitor = Visitor(
        network=network_of(call.http, call.services.settings),
        cookie=cookie,
        device_key=body.device_key.as_jwk() if body.device_key else None,
    )
    seen = await look_at_link(call.services, call.request.room_id, body.secret, visitor)
    shown = LookAnswer(
        state=seen.state, room=show_room_outside(seen.room, proven=False), nonce=seen.nonce, lobby_token=seen.lobby_token,
        now_ms=call.services.now_ms(), email_proof=seen.email_proof,
    )
    return with_device_cookie(call, answer(shown), cookie)


@operations.post(
    "/v1/rooms/{room_id}/link/claim", caller=Caller.PAGE, answers=SessionAnswer,
    refuses=(*_CLAIM, InviteExpired, InviteUsed, InviteMoved, DomainBlocked, Banned, TokenInvalid, TokenExpired),
)
async def claim(call: Call, body: ClaimBody) -> Response:
    """Use a link on this device: with the invited address, or with the site's sign-in."""
    cookie = device_cookie(call)
    signed_in = await claim_link(call.services, call.request.room_id, body.secret, _visitor(call, body, cookie))
    return with_device_cookie(call, answer(show_session(signed_in)), cookie)


@operations.post(
    "/v1/rooms/{room_id}/link/ask", caller=Caller.PAGE, answers=DeviceAskedAnswer,
    refuses=(*_CLAIM, DomainBlocked, Banned, AlreadyDecided, TokenInvalid, TokenExpired),
)
async def ask(call: Call, body: AskBody) -> Response:
    """Ask to use a claimed link on this device; whoever may decide it hears so."""
    cookie = device_cookie(call)
    visitor = _visitor(call, body, cookie)
    asked = await ask_for_device(call.services, call.request.room_id, body.secret, visitor, body.label)
    shown = DeviceAskedAnswer(request_id=asked["request_id"], status=asked["status"])
    return with_device_cookie(call, answer(shown), cookie)


@operations.post(
    "/v1/rooms/{room_id}/link/code", caller=Caller.PAGE, answers=CodeAskedAnswer,
    refuses=(*_WITHDRAWN, ClaimNonceInvalid, ProofInvalid, TooManyAttempts, EmailNotConfigured),
)
async def ask_for_code(call: Call, body: CodeBody) -> Response:
    """Have a code mailed to the invited address, for a link that asks for one.

    The answer is the same, and takes as long, whether or not the address is the invited one.
    """
    cookie = device_cookie(call)
    visitor = Visitor(
        network=network_of(call.http, call.services.settings), cookie=cookie, email=body.email, nonce=body.nonce,
        device_key=body.device_key.as_jwk() if body.device_key else None, proof=body.proof,
    )
    asked = await codes.ask_for_code(call.services, call.request.room_id, body.secret, visitor)
    shown = CodeAskedAnswer(again_in_ms=asked.again_in_ms, good_for_ms=asked.good_for_ms)
    return with_device_cookie(call, answer(shown), cookie)


def show_session(signed_in: SignedIn) -> SessionAnswer:
    return SessionAnswer(
        session_token=signed_in.session_token,
        expires_at_ms=signed_in.expires_at_ms,
        participant_id=signed_in.participant_id,
        room=show_room_outside(signed_in.room, proven=True),
    )


def _visitor(call: Call, body: ClaimBody, cookie: str) -> Visitor:
    return Visitor(
        network=network_of(call.http, call.services.settings),
        cookie=cookie,
        device_key=body.device_key.as_jwk() if body.device_key else None,
        proof=body.proof,
        nonce=body.nonce,
        email=body.email,
        site_token=body.site_token,
        code=body.code.strip() if body.code else None,
    )

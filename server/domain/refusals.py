"""Every "no", in one place: its stable code, what to say, what to do next, and whether trying again can help.

A refusal is a request understood and declined. The sentences may change; the codes may not.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """A request understood and declined.

    `status` is the HTTP status; `close_code` closes a websocket that cannot go on (4000–4499: come back, 4500–4999: do
    not); `retry_after_ms` is None where trying again cannot help.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    close_code: ClassVar[int] = 4500
    message: str = "This cannot be done."
    next_step: ClassVar[str] = ""
    retry_after_ms: int | None = None

    def __init__(self, message: str | None = None, *, retry_after_ms: int | None = None) -> None:
        self.message = message or type(self).message
        if retry_after_ms is not None:
            self.retry_after_ms = retry_after_ms
        super().__init__(self.message)


# ── The link ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class InviteUnknown(Refusal):
    code, status, close_code = "invite_unknown", 404, 4510
    message = "This link is not valid."
    next_step = "Check that the whole link was copied, or ask whoever invited you for a new one."


class InviteExpired(Refusal):
    code, status, close_code = "invite_expired", 410, 4511
    message = "This invitation has expired."
    next_step = "Ask whoever invited you for a new link."


class InviteUsed(Refusal):
    code, status, close_code = "invite_used", 409, 4512
    message = "This invitation is in use on another device."
    next_step = "Open it there, or ask to use this device."


class InviteMoved(Refusal):
    code, status, close_code = "invite_moved", 409, 4513
    message = "This invitation has moved to another device."
    next_step = "Go on there, or ask to use this device again."


class InviteRevoked(Refusal):
    code, status, close_code = "invite_revoked", 410, 4514
    message = "This invitation was withdrawn."
    next_step = "Ask whoever invited you."


class InviteReplaced(Refusal):
    code, status, close_code = "invite_replaced", 410, 4515
    message = "A newer invitation replaces this one."
    next_step = "Look for the newer link that was sent to you."


class EmailMismatch(Refusal):
    code, status, close_code = "email_mismatch", 403, 4516
    message = "This is not the address that was invited."
    next_step = "Enter the address that the invitation was sent to."


class TooManyAttempts(Refusal):
    code, status, close_code = "too_many_attempts", 429, 4401
    message = "Too many tries from here."
    next_step = "Wait a little, then try again."
    retry_after_ms = 600_000


class ClaimNonceInvalid(Refusal):
    code, status = "nonce_invalid", 409
    message = "This page has been open too long."
    next_step = "Load the link again."


# ── The room and its session ─────────────────────────────────────────────────────────────────────────────────────────


class RoomUnknown(Refusal):
    code, status, close_code = "room_unknown", 404, 4520
    message = "There is no such room."
    next_step = "Check the address."


class RoomExists(Refusal):
    code, status = "room_exists", 409
    message = "A room with this id exists already."
    next_step = "Choose another id, or change the room that is there."


class RoomDeleted(Refusal):
    code, status, close_code = "room_deleted", 410, 4521
    message = "This room no longer exists."
    next_step = "Ask whoever invited you."


class SessionEnded(Refusal):
    code, status, close_code = "session_ended", 410, 4522
    message = "This session has ended."
    next_step = "Nothing more to do here."


class NotLive(Refusal):
    code, status = "not_live", 409
    message = "The session is not live."
    next_step = "Start the session first."


class AlreadyLive(Refusal):
    code, status = "already_live", 409
    message = "The session has started already."
    next_step = "Nothing to do."


class NotInvited(Refusal):
    code, status, close_code = "not_invited", 403, 4523
    message = "This room is open to invited people only."
    next_step = "Ask a manager of the room for an invitation."


class Declined(Refusal):
    code, status, close_code = "declined", 403, 4525
    message = "A host declined your request to join."
    next_step = "You can ask once more."


class Banned(Refusal):
    code, status, close_code = "banned", 403, 4526
    message = "You cannot join this session again."
    next_step = "Ask a manager of the room for a new invitation."


class NotInside(Refusal):
    code, status = "not_inside", 409
    message = "You are not in the room."
    next_step = "Wait until you are let in."


class NotWaiting(Refusal):
    code, status = "not_waiting", 409
    message = "You are not waiting in line."
    next_step = "Nothing to do."


class AlreadyDecided(Refusal):
    code, status = "already_decided", 409
    message = "Somebody has decided this already."
    next_step = "Nothing to do: your list shows the result."


class TooManyTabs(Refusal):
    code, status, close_code = "too_many_tabs", 429, 4402
    message = "This room is open in too many tabs."
    next_step = "Close one of them and try again."
    retry_after_ms = 5_000


class LineFull(Refusal):
    code, status, close_code = "line_full", 503, 4403
    message = "Too many people are waiting."
    next_step = "Try again in a minute."
    retry_after_ms = 60_000


# ── People, roles, invitations as hosts see them ─────────────────────────────────────────────────────────────────────


class RoleForbidden(Refusal):
    code, status = "role_forbidden", 403
    message = "Your role does not allow this."
    next_step = "Ask a host."


class ParticipantUnknown(Refusal):
    code, status = "participant_unknown", 404
    message = "There is no such person here."
    next_step = "Look at the list again."


class InvitationUnknown(Refusal):
    code, status = "invitation_unknown", 404
    message = "There is no such invitation in this room."
    next_step = "Look at the list again."


class InvitationClosed(Refusal):
    code, status = "invitation_closed", 409
    message = "This invitation was withdrawn or replaced."
    next_step = "Create a new one."


class TooManyInvitations(Refusal):
    code, status = "too_many_invitations", 429
    message = "This room has as many invitations as it can hold."
    next_step = "Revoke some that are no longer needed."


class ModuleDisabled(Refusal):
    code, status = "module_disabled", 403
    message = "Inviting is switched off for this site."
    next_step = "Ask the site's administrator."


class CncDisabled(Refusal):
    code, status = "cnc_disabled", 403
    message = "Inviting needs Chat & Collaboration, which is off in this room."
    next_step = "Switch it on in the room's settings."


# ── Who is asking ────────────────────────────────────────────────────────────────────────────────────────────────────


class TokenInvalid(Refusal):
    code, status, close_code = "token_invalid", 401, 4530
    message = "You are not signed in here."
    next_step = "Open the link or sign in again."


class TokenExpired(Refusal):
    code, status, close_code = "token_expired", 401, 4404
    message = "Your sign-in has run out."
    next_step = "Sign in again; open pages do it by themselves."
    retry_after_ms = 0


class ProofInvalid(Refusal):
    code, status, close_code = "proof_invalid", 403, 4531
    message = "This device could not prove that it is the one that claimed the link."
    next_step = "Open the link again on this device."


class OriginForbidden(Refusal):
    code, status = "origin_forbidden", 403
    message = "This page may not connect here."
    next_step = "Open the room on its own site."


class KeyInvalid(Refusal):
    code, status = "api_key_invalid", 401
    message = "The API key is missing or wrong."
    next_step = "Send it as `Authorization: Bearer …`."


# ── The conversation itself ──────────────────────────────────────────────────────────────────────────────────────────


class BadMessage(Refusal):
    code, status, close_code = "bad_message", 400, 4540
    message = "The message could not be read."
    next_step = "Compare it with the protocol page."


class UnknownCommand(Refusal):
    code, status = "unknown_command", 400
    message = "There is no such command."
    next_step = "Compare it with the protocol page."


class PathUnknown(Refusal):
    code, status = "path_unknown", 404
    message = "There is nothing at this address."
    next_step = "Compare it with the protocol page."


class MethodNotAllowed(Refusal):
    code, status = "method_not_allowed", 405
    message = "This address is not asked like that."
    next_step = "Use one of the methods that the header Allow names."


class TooLarge(Refusal):
    code, status = "too_large", 413
    message = "The request is too large."
    next_step = "Send less at once."


class HelloTimeout(Refusal):
    code, status, close_code = "hello_timeout", 408, 4405
    message = "No hello arrived in time."
    next_step = "Connect again and say hello at once."
    retry_after_ms = 1_000


class HelloExpected(Refusal):
    code, status, close_code = "hello_expected", 400, 4541
    message = "The first message must be hello."
    next_step = "Compare it with the protocol page."


class SubprotocolUnknown(Refusal):
    code, status, close_code = "subprotocol_unknown", 400, 4542
    message = "Name a subprotocol that the server speaks."
    next_step = "Offer greenroom.v1.json or greenroom.v1.msgpack."


class RateLimited(Refusal):
    code, status, close_code = "rate_limited", 429, 4406
    message = "Too many commands at once."
    next_step = "Slow down, then send it again."
    retry_after_ms = 1_000


class Busy(Refusal):
    code, status, close_code = "busy", 503, 4407
    message = "Others are changing the same thing just now."
    next_step = "Try again."
    retry_after_ms = 200


class NodeFull(Refusal):
    code, status, close_code = "node_full", 503, 4408
    message = "This server has as many connections as it can hold."
    next_step = "Connect again in a moment."
    retry_after_ms = 2_000


class StoreUnavailable(Refusal):
    code, status, close_code = "store_unavailable", 503, 4409
    message = "The service cannot reach its store just now."
    next_step = "Nothing is lost; try again in a moment."
    retry_after_ms = 2_000


class ShuttingDown(Refusal):
    code, status, close_code = "shutting_down", 503, 4410
    message = "This server is being restarted."
    next_step = "Connect again; another one takes over."
    retry_after_ms = 500


class TooSlow(Refusal):
    code, status, close_code = "too_slow", 408, 4411
    message = "This tab could not keep up and was cut off."
    next_step = "Connect again and resume."
    retry_after_ms = 1_000


class Replaced(Refusal):
    code, status, close_code = "replaced", 409, 4550
    message = "A newer connection of this tab took over."
    next_step = "Nothing to do."


class InternalError(Refusal):
    code, status, close_code = "internal_error", 500, 4412
    message = "Something went wrong on our side."
    next_step = "Try again in a moment."
    retry_after_ms = 2_000


ALL: tuple[type[Refusal], ...] = tuple(
    sorted((c for c in list(globals().values()) if isinstance(c, type) and issubclass(c, Refusal) and c is not Refusal),
           key=lambda c: c.code)
)
BY_CODE: dict[str, type[Refusal]] = {c.code: c for c in ALL}

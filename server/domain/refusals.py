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
    # The line of an uploaded file that is wrong, counted from 1.
    line: int | None = None
    # Which fields are wrong and how: (path, what is expected there).
    errors: tuple[tuple[str, str], ...] = ()

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


class CodeRequired(Refusal):
    code, status = "code_required", 409
    message = "This invitation asks for a code that is mailed to the invited address."
    next_step = "Ask for the code, then enter it with the address."


class CodeMismatch(Refusal):
    code, status = "code_mismatch", 403
    message = "The address or the code is not right, or the code is too old."
    next_step = "Enter the address that the invitation was sent to and the newest code, or ask for another."


class TooManyAttempts(Refusal):
    code, status, close_code = "too_many_attempts", 429, 4401
    message = "Too many tries from here."
    next_step = "Wait a little, then try again."
    retry_after_ms = 600_000


class DomainBlocked(Refusal):
    code, status, close_code = "domain_blocked", 403, 4517
    message = "Addresses of this domain may not come in here."
    next_step = "Ask whoever invited you to invite another address of yours."


class ClaimNonceInvalid(Refusal):
    code, status = "nonce_invalid", 409
    message = "This page has been open too long."
    next_step = "Load the link again."


class GuestAccessOff(Refusal):
    code, status, close_code = "guest_access_off", 403, 4518
    message = "Guests may not come in just now."
    next_step = "Ask whoever gave you the link for an invitation."


class GuestLinkFull(Refusal):
    code, status, close_code = "guest_link_full", 409, 4519
    message = "This link has been used as often as it may be."
    next_step = "Ask whoever gave you the link for another one."


class GuestsFull(Refusal):
    code, status, close_code = "guests_full", 409, 4532
    message = "This room takes no more guests."
    next_step = "Ask whoever gave you the link for an invitation."


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


class AlreadyPlanned(Refusal):
    code, status = "already_planned", 409
    message = "The next session is planned already."
    next_step = "Change its start instead."


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


class RoomFull(Refusal):
    code, status, close_code = "room_full", 409, 4413
    message = "Every seat in this room is taken."
    next_step = "Wait until somebody leaves, or give the room more seats."
    retry_after_ms = 5_000


# ── People, roles, invitations as hosts see them ─────────────────────────────────────────────────────────────────────


class RoleForbidden(Refusal):
    code, status = "role_forbidden", 403
    message = "Your role does not allow this."
    next_step = "Ask a host."


class LastOwner(Refusal):
    code, status = "last_owner", 409
    message = "A room that has an owner keeps one."
    next_step = "Name another owner first, or with the same change."


class RenameDisabled(Refusal):
    code, status = "rename_disabled", 403
    message = "Names cannot be changed in this room."
    next_step = "Ask a manager of the room to allow it."


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


class EmailNotConfigured(Refusal):
    code, status = "email_not_configured", 403
    message = "This site sends no e-mail."
    next_step = "Copy the link and send it yourself, or have e-mail set up for the site."


class MailTooSoon(Refusal):
    code, status, close_code = "mail_too_soon", 429, 4415
    message = "They were sent an e-mail a moment ago."
    next_step = "Wait a little before you send them another."
    retry_after_ms = 60_000


class MailQueueFull(Refusal):
    code, status, close_code = "mail_queue_full", 503, 4416
    message = "Too many e-mails are waiting to be sent."
    next_step = "Try again in a few minutes, or copy the link and send it yourself."
    retry_after_ms = 300_000


class MailUnknown(Refusal):
    code, status = "mail_unknown", 404
    message = "There is no such e-mail among those that failed."
    next_step = "Look at the list again."


class MailNotSent(Refusal):
    code, status = "mail_not_sent", 502
    message = "The mail server did not take the e-mail."
    next_step = "Look at the settings of the mail server, then try again."


class GuestLinkUnknown(Refusal):
    code, status = "guest_link_unknown", 404
    message = "There is no such guest link in this room."
    next_step = "Look at the list again."


class GuestLinkLimit(Refusal):
    code, status = "guest_link_limit", 429
    message = "This room has as many guest links as it can hold."
    next_step = "Switch one off that is no longer needed."


class DomainInvalid(Refusal):
    code, status = "domain_invalid", 400
    message = "This is not the name of a domain."
    next_step = "Write it as in example.com; what lies below it is covered."


class RuleTooWide(Refusal):
    code, status = "rule_too_wide", 400
    message = "A rule for this domain would be one for everybody's."
    next_step = "Name the domain of one organisation, as in example.com."


class TooManyRules(Refusal):
    code, status = "too_many_rules", 400
    message = "These are more domains than a list can hold."
    next_step = "Name at most 200; a domain covers all below it."


# ── The site's directory, and many rows at once ───────────────────────────────────────────────────────────────────────


class PersonUnknown(Refusal):
    code, status = "person_unknown", 404
    message = "There is no such person in the directory."
    next_step = "Look at the list again."


class AddressTaken(Refusal):
    code, status = "address_taken", 409
    message = "Somebody else in the directory has this address."
    next_step = "Correct the address, or change the other person first."


class DirectoryFull(Refusal):
    code, status = "directory_full", 429
    message = "The directory has as many people as it can hold."
    next_step = "Delete some that are no longer needed."


class RowInvalid(Refusal):
    code, status = "row_invalid", 400
    message = "This row is not valid."
    next_step = "Correct it, then send it again."


class DuplicateRow(Refusal):
    code, status = "duplicate_row", 409
    message = "An earlier row names the same address or key."
    next_step = "Keep one of them."


class RowKeyReused(Refusal):
    code, status = "row_key_reused", 409
    message = "The key of this row was used for another row before."
    next_step = "Give each row a key of its own."


class TooManyRows(Refusal):
    code, status = "too_many_rows", 413
    message = "These are too many rows at once."
    next_step = "Send them in several parts."


class CsvInvalid(Refusal):
    code, status = "csv_invalid", 400
    message = "The file could not be read."
    next_step = "Correct the line that is named, then send the file again; nothing was done."

    def __init__(self, message: str | None = None, *, line: int = 1) -> None:
        super().__init__(f"Line {line}: {message or 'this cannot be read.'}")
        self.line = line


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


class TokenBound(Refusal):
    code, status = "token_bound", 403
    message = "This token belongs to a device's key, of which HTTP carries no proof."
    next_step = "Do this on the websocket, or with an API key."


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


class ApiKeyUnknown(Refusal):
    code, status = "api_key_unknown", 404
    message = "There is no such API key."
    next_step = "Look at the list again."


class ApiKeyLimit(Refusal):
    code, status = "api_key_limit", 409
    message = "There are as many API keys as there may be."
    next_step = "Delete one that is no longer used."


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


class IdempotencyMismatch(Refusal):
    code, status = "idempotency_mismatch", 422
    message = "This Idempotency-Key was used for another request."
    next_step = "Take a new key for every new request."


class PreconditionFailed(Refusal):
    code, status = "precondition_failed", 412
    message = "It has changed since you read it."
    next_step = "Read it again, then decide again."


class SeqNotReached(Refusal):
    code, status, close_code = "seq_not_reached", 409, 4414
    message = "The room's log has not come so far."
    next_step = "Try again in a moment; if it stays so, the store was set back: read everything anew."
    retry_after_ms = 500


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


class Unconfirmed(Refusal):
    code, status, close_code = "unconfirmed", 503, 4417
    message = "This was done, and may be undone: the store's copies did not confirm it in time."
    next_step = "Send the same request again, under its id: the answer says what became of it."
    retry_after_ms = 1_000


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

"""An invitation: one address, one role, one link, and the devices that have claimed it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from server.domain.mail import MailState
from server.domain.person import Person, PersonState
from server.domain.refusals import (
    BadMessage,
    Banned,
    CncDisabled,
    InvitationClosed,
    InviteExpired,
    InviteMoved,
    InviteReplaced,
    InviteRevoked,
    InviteUsed,
    ModuleDisabled,
    NotLive,
    RoleForbidden,
)
from server.domain.reopening import check_open_to
from server.domain.roles import INVITABLE, Permission, Role, check_permission
from server.domain.room import ClaimProof, Kind, Phase, Room, check_exists, planned_end_ms

MAX_EMAIL_CHARS = 254
MAX_NAME_CHARS = 100
MAX_DEVICES = 1_000  # of a link for any number of devices
MAX_DEVICES_REMEMBERED = 20

# A pragmatic ASCII mailbox: one @, no spaces or control characters, a dot in the domain. Anything wider is refused
# rather than guessed at, since an address that two systems read differently lets the wrong person in.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class InvitationStatus(StrEnum):
    CREATED = "created"
    OPENED = "opened"
    CLAIMED = "claimed"
    REVOKED = "revoked"
    REPLACED = "replaced"


class RequestStatus(StrEnum):
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(kw_only=True)
class Device:
    """A browser profile that has claimed a link, known by its key, by its cookie, or by both.

    `key_thumbprint`: RFC 7638, of the P-256 public key. `cookie_hash`: SHA-256 of the device cookie.
    """

    device_id: str
    key_thumbprint: str | None = None
    cookie_hash: str | None = None
    claimed_at_ms: int = 0


@dataclass(kw_only=True)
class DeviceRequest:
    """Somebody with the link and the address asks to use it on another device."""

    request_id: str
    device: Device
    label: str
    asked_at_ms: int
    status: RequestStatus = RequestStatus.PENDING


@dataclass(kw_only=True)
class Invitation:
    """One invitation, as stored. `issue` counts the links made for it; the secret itself is never stored.

    `person_state`, `person_role`: where the person who claimed it is (waiting, inside, away, declined, removed, banned) and
    their role, written with every change of them. `came_at_ms`: when they first stood in the line or came in.
    """

    invitation_id: str
    email: str
    first_name: str
    last_name: str
    role: Role
    status: InvitationStatus = InvitationStatus.CREATED
    issue: int = 1
    key_id: str = ""
    secret_hash: str = ""
    link_devices: int = 1
    email_proof: ClaimProof = ClaimProof.TYPED
    created_at_ms: int = 0
    created_by: str | None = None
    expires_at_ms: int = 0
    opened_at_ms: int | None = None
    claimed_at_ms: int | None = None
    participant_id: str | None = None
    person_state: str | None = None
    person_role: Role | None = None
    came_at_ms: int | None = None
    reminded_at_ms: int | None = None
    takes_over: str | None = None
    devices: dict[str, Device] = field(default_factory=dict)
    moved_devices: dict[str, int] = field(default_factory=dict)
    device_request: DeviceRequest | None = None
    language: str | None = None
    mail: MailState | None = None
    rev: int = 0

    @property
    def role_now(self) -> Role:
        """The role that its person has by now, which a host may have changed since."""
        return self.person_role or self.role

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def normalise_email(address: str) -> str:
    """The form in which addresses are compared: trimmed of spaces around, ASCII letters lowered, nothing else.

    `lower()` and `casefold()` are not used: both turn the Kelvin sign into `k`, so that a stranger's address would pass.

    Raises:
        BadMessage: this is no address that we can compare safely.
    """
    trimmed = address.strip(" \t")
    if len(trimmed) > MAX_EMAIL_CHARS or not _EMAIL.fullmatch(trimmed):
        raise BadMessage("This is not an e-mail address.")
    return trimmed.translate(ASCII_LOWER)


def check_may_invite(*, room: Room, actor: Role, role: Role, site_invites: bool) -> None:
    """Refuse unless `actor` may invite somebody as `role` into `room`.

    Into a channel's room only while its session is live.

    Raises:
        RoleForbidden, ModuleDisabled, CncDisabled, RoomDeleted, SessionEnded, NotLive
    """
    check_permission(actor, Permission.INVITE, room)
    if role not in INVITABLE:
        raise RoleForbidden(f"An invitation cannot make somebody {role}.")
    if not site_invites:
        raise ModuleDisabled
    if not room.cnc:
        raise CncDisabled
    if room.kind is Kind.CHANNEL and room.phase in (Phase.SCHEDULED, Phase.ENDED):
        raise NotLive
    check_exists(room)


def check_changeable(invitation: Invitation) -> None:
    """Refuse to act on an invitation that is over.

    Raises:
        InvitationClosed
    """
    if invitation.status in (InvitationStatus.REVOKED, InvitationStatus.REPLACED):
        raise InvitationClosed


def check_not_withdrawn(invitation: Invitation) -> None:
    """Refuse a link that was revoked or replaced.

    Raises:
        InviteRevoked, InviteReplaced
    """
    if invitation.status is InvitationStatus.REVOKED:
        raise InviteRevoked
    if invitation.status is InvitationStatus.REPLACED:
        raise InviteReplaced


def check_not_banned(invitation: Invitation, person: Person | None, device_banned_at_ms: int) -> None:
    """Refuse somebody banned, and the devices of somebody banned, with every link that was made before the ban; a later
    invitation lifts it.

    Raises:
        Banned
    """
    is_banned = person is not None and person.state is PersonState.BANNED
    banned_at_ms = max(device_banned_at_ms, (person.banned_at_ms or 0) if person and is_banned else 0)
    if banned_at_ms and invitation.created_at_ms <= banned_at_ms:
        raise Banned


def device_marks(device: Device) -> list[str]:
    """What a ban remembers of a device."""
    marks = {"k": device.key_thumbprint, "c": device.cookie_hash}
    return [f"{kind}:{mark}" for kind, mark in marks.items() if mark]


def known_device(invitation: Invitation, device: Device) -> Device | None:
    """The recorded device that `device` proves to be: by its key, or by its cookie where it never had a key."""
    for recorded in invitation.devices.values():
        if device.key_thumbprint and recorded.key_thumbprint == device.key_thumbprint:
            return recorded
    resembled = resembling_device(invitation, device)
    return resembled if resembled is not None and resembled.key_thumbprint is None else None


def resembling_device(invitation: Invitation, device: Device) -> Device | None:
    """The recorded device whose cookie `device` has, but not its key: its storage was cleared, or the cookie was copied. It
    does not have to ask to be let in, but has to give the address again."""
    for recorded in invitation.devices.values():
        if device.cookie_hash and recorded.cookie_hash == device.cookie_hash:
            return recorded
    return None


def was_moved_away(invitation: Invitation, device: Device) -> bool:
    """Whether this device held the claim until it was moved to another."""
    return device.device_id in invitation.moved_devices


def has_free_device(invitation: Invitation) -> bool:
    """Whether one more device may claim the link."""
    allowed = MAX_DEVICES if invitation.link_devices == -1 else invitation.link_devices
    return len(invitation.devices) < allowed


def check_device(invitation: Invitation, device: Device) -> None:
    """Refuse a device that has not claimed the link, when the link has no device to spare.

    Raises:
        InviteMoved, InviteUsed
    """
    if known_device(invitation, device) or resembling_device(invitation, device) or has_free_device(invitation):
        return
    if was_moved_away(invitation, device):
        raise InviteMoved
    raise InviteUsed


def check_claim(
    *, room: Room, invitation: Invitation, device: Device, now_ms: int, person: Person | None = None
) -> None:
    """Everything about a claim but the address, in the order in which the answers are given. `person`: whose link it is; on
    the device that they have, a host may come back to a session that has ended.

    Raises:
        InviteRevoked, InviteReplaced, RoomDeleted, SessionEnded, InviteMoved, InviteUsed, InviteExpired
    """
    check_not_withdrawn(invitation)
    check_open_to(room, person if known_device(invitation, device) else None, now_ms)
    check_device(invitation, device)
    if known_device(invitation, device) is None and resembling_device(invitation, device) is None:
        check_claimable(room, invitation, now_ms)


def check_claimable(room: Room, invitation: Invitation, now_ms: int) -> None:
    """A link may be claimed until the later of its own time and the session's planned end.

    Raises:
        InviteExpired
    """
    if now_ms >= max(invitation.expires_at_ms, planned_end_ms(room)):
        raise InviteExpired

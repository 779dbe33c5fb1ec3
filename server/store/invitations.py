"""Invitations and their links in Redis. Secrets never come here, only their SHA-256."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from server.domain.events import InvitationChanged, RoleChanged
from server.domain.invitation import MAX_DEVICES, Device, Invitation
from server.domain.roles import Role
from server.domain.room import Room, planned_end_ms
from server.domain.stages import REMIND_EVERY_MS
from server.domain.upload import RowSeen, RowsSeen
from server.store.connection import reaching_store
from server.store.mail import new_mail_id
from server.store.records import decode_as, record_fields
from server.store.scripting import Scripts


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """Another role for somebody, as part of a change of their invitation."""

    participant_id: str
    old: Role
    new: Role

    def fields(self, by: str | None) -> dict[str, Any]:
        return {"participant_id": self.participant_id, "role": self.new, "by": by}


def _promoted(promotion: Promotion | None, by: str | None) -> RoleChanged:
    return RoleChanged(old=promotion.old if promotion else "", new=promotion.new if promotion else "", by=by)


class InvitationStore:
    def __init__(self, scripts: Scripts, *, max_invitations: int) -> None:
        self._scripts = scripts
        self._max_invitations = max_invitations

    async def create(
        self,
        room_id: str,
        invitation: Invitation,
        *,
        by: str | None,
        seen: dict[str, Any],
        request_id: str | None,
        mail_id: str | None = None,
        row: dict[str, Any] | None = None,
        promotion: Promotion | None = None,
    ) -> dict[str, Any]:
        """`mail_id`: of the mail that is queued with it. `row`: the uploaded row that it comes from, which makes one only; see
        `domain/upload.py`. The person of `promotion` gets their role in the same step.

        Raises:
            TooManyInvitations, MailQueueFull, RowKeyReused, FactsMoved
        """
        args = {
            "invitation": record_fields(invitation), "max_invitations": self._max_invitations, "mail_id": mail_id,
            "promotion": promotion and promotion.fields(by), "row": row, "seen": seen,
        }
        return await self._scripts.run(
            "invitation_create", room_id, args,
            InvitationChanged(what="created", by=by), InvitationChanged(what="replaced", by=by), _promoted(promotion, by),
            request_id=request_id,
        )

    async def put_role(
        self,
        room_id: str,
        invitation: Invitation,
        *,
        promotion: Promotion | None,
        by: str | None,
        seen: dict[str, Any],
        request_id: str | None,
    ) -> dict[str, Any]:
        """As `put`, with the role of its person in the same step. Raises: FactsMoved."""
        args = {"invitation": record_fields(invitation), "promotion": promotion and promotion.fields(by), "seen": seen}
        return await self._scripts.run(
            "invitation_role", room_id, args,
            InvitationChanged(what="role", by=by), _promoted(promotion, by), request_id=request_id,
        )

    async def put(
        self, room_id: str, invitation: Invitation, *, what: str, by: str | None, seen: dict[str, Any], request_id: str | None
    ) -> dict[str, Any]:
        """Put `invitation` in the place of the record that it was made from. Raises: FactsMoved."""
        args = {"invitation": record_fields(invitation), "extended": what == "extended", "seen": seen}
        changed = InvitationChanged(what=what, by=by)
        return await self._scripts.run("invitation_put", room_id, args, changed, request_id=request_id)

    async def remind(
        self, room: Room, invitation_ids: list[str], *, by: str | None, seen: dict[str, Any], request_id: str | None
    ) -> dict[str, Any]:
        """Queue a reminder to each of these that may have one; answers `reminded` and `skipped`. Raises: FactsMoved."""
        args = {
            "reminders": [(invitation_id, new_mail_id()) for invitation_id in invitation_ids],
            "remind_every_ms": REMIND_EVERY_MS, "planned_end_ms": planned_end_ms(room), "seen": seen,
        }
        return await self._scripts.run(
            "invitation_remind", room.room_id, args, InvitationChanged(what="reminded", by=by), request_id=request_id
        )

    async def claim(
        self,
        room_id: str,
        invitation: Invitation,
        device: Device,
        *,
        participant_id: str,
        identity: str,
        old_role: Role | None,
        role: Role,
        seen: dict[str, Any],
        request_id: str | None,
    ) -> dict[str, Any]:
        """Use the link for `device`; `participant_id`: the person's with `identity`, or a new one's.

        Raises:
            FactsMoved. Unconfirmed: too few replicas have it.
        """
        args = {
            "invitation_id": invitation.invitation_id, "device": asdict(device), "participant_id": participant_id,
            "identity": identity, "name": invitation.name, "role": role, "invited_role": invitation.role,
            "old_role": old_role, "max_devices": MAX_DEVICES, "seen": seen,
        }
        answer = await self._scripts.run(
            "link_claim", room_id, args,
            InvitationChanged(what="claimed"), RoleChanged(old=old_role or role, new=role), InvitationChanged(what="replaced"),
            request_id=request_id,
        )
        await self.confirm_claim(room_id, invitation.invitation_id, device)
        return answer

    async def confirm_claim(self, room_id: str, invitation_id: str, device: Device) -> None:
        """Wait until replicas hold that the link is this device's. Raises: Unconfirmed."""
        key = self._scripts.keyspace.room(room_id).invitations
        await self._scripts.confirm_word(room_id, key, invitation_id, f'"{device.device_id}":{{')

    async def look_at_rows(self, room_id: str, rows: list[dict[str, Any]]) -> RowsSeen:
        """What is there already of uploaded rows, each `{email, key}`."""
        reply = await self._scripts.read("rows_look", room_id, {"rows": rows})
        addresses, invitations, *seen = reply
        return RowsSeen(
            room_for_addresses=self._max_invitations - addresses,
            room_for_invitations=4 * self._max_invitations - invitations,
            rows=[
                RowSeen(
                    made_by=made_by.decode() or None,
                    made=decode_as(Invitation, made) if made else None,
                    present=decode_as(Invitation, present) if present else None,
                )
                for made_by, made, present in seen
            ],
        )

    async def is_invited(self, room_id: str, email: str) -> bool:
        """Whether an address has an invitation that was not withdrawn. Raises: StoreUnavailable."""
        with reaching_store():
            return bool(await self._scripts.redis.hexists(self._scripts.keyspace.room(room_id).addresses, email))

    async def is_past(self, room_id: str, secret_hash: str) -> bool:
        """Whether a link was one of an earlier session of the room. Raises: StoreUnavailable."""
        with reaching_store():
            of: Any = await self._scripts.redis.hget(self._scripts.keyspace.room(room_id).links, secret_hash)
        return of is not None and of.startswith(b"past:")

    async def take_attempt(
        self, room_id: str, invitation_id: str, counted: str, *, is_right: bool, most_wrong: int, window_s: int
    ) -> bool:
        """Whether one more try at a link counts, or there were too many wrong ones in the window already. `counted`: what they
        are counted by."""
        key = self._scripts.keyspace.room(room_id).attempts(invitation_id, counted)
        is_taken, _ = await self._scripts.run_on_shard("attempt_count", [key], [window_s, most_wrong, int(is_right)])
        return bool(is_taken)

    async def take_guess(
        self, room_id: str, invitation_id: str, network: str, *, is_right: bool, most_wrong: int, window_s: int
    ) -> tuple[bool, int]:
        """As `take_attempt` by the network, and how many wrong ones there were at the link from wherever."""
        room = self._scripts.keyspace.room(room_id)
        keys = [room.attempts(invitation_id, network), room.attempts(invitation_id, "anywhere")]
        is_taken, wrong = await self._scripts.run_on_shard("attempt_count", keys, [window_s, most_wrong, int(is_right)])
        return bool(is_taken), int(wrong)

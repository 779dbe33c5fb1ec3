"""Reminding those who are invited and have not come yet."""

from __future__ import annotations

from server.actions.services import Answer, Request, Services, check_actor, decide_on
from server.domain.refusals import BY_CODE
from server.domain.roles import Permission, check_permission
from server.domain.room import check_exists
from server.domain.stages import is_awaited
from server.store.facts import Facts

BATCH = 100


async def remind(services: Services, request: Request, invitation_ids: list[str] | None) -> Answer:
    """A reminder by e-mail to these, or to all who have not come yet; to each at most once in ten minutes.

    Answers `reminded`, and with a code each who was `skipped`. Where one alone was named, that code is the refusal.

    Raises:
        EmailNotConfigured, RoleForbidden, RoomDeleted, SessionEnded
    """
    wanted = invitation_ids if invitation_ids is not None else await _awaited(services, request)
    reminded: list[str] = []
    skipped: list[tuple[str, str, int]] = []
    seq = None
    for number in range(0, max(len(wanted), 1), BATCH):
        answer = await _remind_batch(services, request.step(f"batch-{number}"), wanted[number : number + BATCH])
        reminded += list(answer["reminded"] or ())
        skipped += list(answer["skipped"] or ())
        seq = answer.get("seq", seq)
    if invitation_ids is not None and len(invitation_ids) == 1 and skipped:
        _, code, wait_ms = skipped[0]
        raise BY_CODE[code](retry_after_ms=wait_ms or None)
    told = [{"invitation_id": which, "code": code} for which, code, _ in skipped]
    return {"reminded": reminded, "skipped": told, "seq": seq}


async def _awaited(services: Services, request: Request) -> list[str]:
    """Who is reminded is looked for once somebody asks who may: it is looked for in the whole room."""
    _check_may_remind(services, request, await services.store.facts(request.room_id, *request.people()))
    contents = await services.store.rooms.load(request.room_id)
    expected = [one for one in contents.invitations.values() if is_awaited(one, contents.room, contents.now_ms)]
    return [one.invitation_id for one in sorted(expected, key=lambda one: (one.created_at_ms, one.invitation_id))]


async def _remind_batch(services: Services, request: Request, invitation_ids: list[str]) -> Answer:
    async def act(facts: Facts) -> Answer:
        _check_may_remind(services, request, facts)
        return await services.store.invitations.remind(
            facts.room, invitation_ids, by=request.actor_id, seen=facts.seen(*request.people()),
            request_id=request.request_id,
        )

    return await decide_on(services, request, act)


def _check_may_remind(services: Services, request: Request, facts: Facts) -> None:
    """Raises: NotInside, RoleForbidden, EmailNotConfigured, RoomDeleted, SessionEnded."""
    check_permission(check_actor(facts, request).role, Permission.MANAGE_INVITATIONS)
    services.sends_mail()
    check_exists(facts.room)

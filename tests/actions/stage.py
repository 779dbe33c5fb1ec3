"""A room with everybody in it whom a command may concern, and every command there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from client_sim.device import Device
from server.actions import line, roles
from server.actions.devices import ask_for_device
from server.actions.services import Answer, Services
from server.domain.roles import Role
from server.domain.room import Phase
from server.web.commands import run_command
from server.wire import messages as m
from tests.support.rooms import HOUR_MS, ROOM, Site, visitor_with

BOSS, MOD, SPEAKER, VIEWER, STRANGER = "boss", "mod", "spike", "vic", "olga"
CAST = {BOSS: Role.MANAGER, MOD: Role.MODERATOR, SPEAKER: Role.SPEAKER, VIEWER: Role.VIEWER}
HOSTS, MANAGERS, EVERYBODY_INSIDE = frozenset({BOSS, MOD}), frozenset({BOSS}), frozenset(CAST)


@dataclass
class Stage:
    """The site, and the ids that commands name: an unclaimed invitation, a claimed one with a question open on it, a guest
    link."""

    site: Site
    unclaimed: str = ""
    claimed: str = ""
    asked: str = ""
    guest_link: str = ""

    def id_of(self, name: str) -> str:
        return self.site.ids[name]

    async def run(self, case: Case, actor: str, request_id: str = "once", *, on: Services | None = None) -> Answer:
        return await run_command(on or self.site.services, self.site.by(actor, request_id), case.command(self))


@dataclass(frozen=True, kw_only=True)
class Case:
    """One command on the stage. `allowed`: of those inside, who may; `room`: how the room differs; `silent`: it may change
    nothing on the log."""

    command: Callable[[Stage], m.Command]
    allowed: frozenset[str]
    room: Mapping[str, Any] = field(default_factory=dict)
    silent: bool = False


NOW = "now"  # stands for an hour from the store's now

CASES: dict[str, Case] = {
    "role.change": Case(command=lambda s: m.RoleChange(id="c", participant_id=s.id_of("vera"), role="speaker"), allowed=HOSTS),
    "hand.raise": Case(command=lambda s: m.HandRaise(id="c"), allowed=EVERYBODY_INSIDE),
    "hand.lower": Case(command=lambda s: m.HandLower(id="c", participant_id=s.id_of("vera")), allowed=HOSTS),
    "hands.clear": Case(command=lambda s: m.HandsClear(id="c"), allowed=HOSTS),
    "room.lock": Case(command=lambda s: m.RoomLock(id="c"), allowed=HOSTS, room={"locked": False}),
    "room.unlock": Case(command=lambda s: m.RoomUnlock(id="c"), allowed=HOSTS),
    "room.edit": Case(command=lambda s: m.RoomEdit(id="c", title="Another title"), allowed=MANAGERS),
    "room.delete": Case(command=lambda s: m.RoomDelete(id="c"), allowed=MANAGERS),
    "session.start": Case(command=lambda s: m.SessionStart(id="c"), allowed=HOSTS, room={"starts_at_ms": NOW}),
    "session.end": Case(command=lambda s: m.SessionEnd(id="c"), allowed=HOSTS),
    "lobby.admit": Case(command=lambda s: m.LobbyAdmit(id="c", participant_ids=[s.id_of("wanda")]), allowed=HOSTS),
    "lobby.admit_all": Case(command=lambda s: m.LobbyAdmitAll(id="c"), allowed=HOSTS),
    "lobby.decline": Case(
        command=lambda s: m.LobbyDecline(id="c", participant_id=s.id_of("wanda"), message="Not today."), allowed=HOSTS
    ),
    "lobby.send_back": Case(command=lambda s: m.LobbySendBack(id="c", participant_id=s.id_of("vera")), allowed=HOSTS),
    "lobby.message": Case(command=lambda s: m.LobbyMessage(id="c", text="Soon."), allowed=HOSTS),
    "participant.remove": Case(command=lambda s: m.ParticipantRemove(id="c", participant_id=s.id_of("vera")), allowed=HOSTS),
    "participant.ban": Case(command=lambda s: m.ParticipantBan(id="c", participant_id=s.id_of("vera")), allowed=HOSTS),
    "invitation.create": Case(
        command=lambda s: m.InvitationCreate(id="c", email="new@example.com", first_name="N", last_name="E", role="speaker"),
        allowed=MANAGERS,
    ),
    "invitation.remind": Case(
        command=lambda s: m.InvitationRemind(id="c", invitation_ids=[s.unclaimed]), allowed=MANAGERS
    ),
    "invitation.send": Case(command=lambda s: m.InvitationSend(id="c", invitation_id=s.unclaimed), allowed=MANAGERS),
    "invitation.link": Case(
        command=lambda s: m.InvitationLink(id="c", invitation_id=s.unclaimed), allowed=MANAGERS, silent=True
    ),
    "invitation.revoke": Case(
        command=lambda s: m.InvitationRevoke(id="c", invitation_id=s.claimed, remove=True), allowed=MANAGERS
    ),
    "invitation.extend": Case(command=lambda s: m.InvitationExtend(id="c", invitation_id=s.unclaimed), allowed=MANAGERS),
    "invitation.role": Case(
        command=lambda s: m.InvitationRole(id="c", invitation_id=s.claimed, role="moderator"), allowed=MANAGERS
    ),
    "invitation.release": Case(
        command=lambda s: m.InvitationRelease(id="c", invitation_id=s.claimed), allowed=MANAGERS
    ),
    "audit.page": Case(command=lambda s: m.AuditPage(id="c"), allowed=MANAGERS, silent=True),
    "invitation.bulk": Case(
        command=lambda s: m.InvitationBulk(
            id="c", rows=[m.BulkRow(email="new@example.com", first_name="N", last_name="E", role="speaker")]
        ),
        allowed=MANAGERS,
    ),
    "people.suggest": Case(command=lambda s: m.PeopleSuggest(id="c", text="ada"), allowed=MANAGERS, silent=True),
    "guest_link.create": Case(command=lambda s: m.GuestLinkCreate(id="c", name="Parents", max_clicks=3), allowed=MANAGERS),
    "guest_link.link": Case(
        command=lambda s: m.GuestLinkLink(id="c", guest_link_id=s.guest_link), allowed=MANAGERS, silent=True
    ),
    "guest_link.edit": Case(
        command=lambda s: m.GuestLinkEdit(id="c", guest_link_id=s.guest_link, name="Others", max_clicks=0), allowed=MANAGERS
    ),
    "guest_link.delete": Case(command=lambda s: m.GuestLinkDelete(id="c", guest_link_id=s.guest_link), allowed=MANAGERS),
    "domain.check": Case(command=lambda s: m.DomainCheck(id="c", email="ina@example.com"), allowed=MANAGERS, silent=True),
    "domain.rules": Case(command=lambda s: m.DomainRules(id="c"), allowed=MANAGERS, silent=True),
    "device.allow": Case(command=lambda s: m.DeviceAllow(id="c", invitation_id=s.claimed, request_id=s.asked), allowed=HOSTS),
    "device.refuse": Case(command=lambda s: m.DeviceRefuse(id="c", invitation_id=s.claimed, request_id=s.asked), allowed=HOSTS),
}
# What somebody outside does for themselves; see test_line.py, test_reopening.py, test_names.py.
OWN_AFFAIRS = {"lobby.withdraw", "lobby.knock", "session.reopen", "person.rename"}

HOSTS_ONLY = [name for name, case in CASES.items() if case.allowed != EVERYBODY_INSIDE]
LOGGED = [name for name, case in CASES.items() if not case.silent]


async def set_stage(site: Site, case: Case | None = None) -> Stage:
    """Four people of each role inside, `vera` with a raised hand, `wanda` and `will` in the line, `dora` declined,
    `olga` known and outside, `cleo` in by a link that another device asks for."""
    stage = Stage(site)
    await _make_room(site, dict(case.room) if case else {})
    for name, role in CAST.items():
        await site.bring_in(name, role)
    await site.bring_in("vera")
    await roles.raise_hand(site.services, site.by("vera"))
    await site.meet(STRANGER)
    await _fill_links(stage)
    if (await site.contents()).room.locked or (await site.contents()).room.phase is Phase.SCHEDULED:
        await _fill_line(site)
    else:
        await site.meet("wanda")
    return stage


async def _make_room(site: Site, fields: dict[str, Any]) -> None:
    if fields.get("starts_at_ms") == NOW:
        fields["starts_at_ms"] = await site.now_ms() + HOUR_MS
    await site.create_room(**{"locked": True, **fields})


async def _fill_links(stage: Stage) -> None:
    site = stage.site
    stage.unclaimed = (await site.invite("ina"))["invitation_id"]
    invited = await site.invite("cleo")
    stage.claimed = invited["invitation_id"]
    site.ids["cleo"] = (await site.claim(invited["secret"], "cleo", Device())).participant_id
    await site.bring_in("cleo")
    stage.guest_link = (await site.make_guest_link())["guest_link_id"]
    stage.asked = (await ask(site, invited["secret"], "cleo", Device()))["request_id"]


async def ask(site: Site, secret: str, name: str, device: Device) -> Answer:
    """Ask to use a claimed link on another device."""
    visitor = visitor_with(device, "", name)
    look = await site.look(secret, visitor)
    return await ask_for_device(site.services, ROOM, secret, visitor_with(device, look.nonce, name), "A telephone")


async def _fill_line(site: Site) -> None:
    for name in ("wanda", "will", "dora"):
        await site.arrive(name)
    await line.decline(site.services, site.by(BOSS), site.ids["dora"], "No.")

"""Every command from where it has no right to come: the lobby, an unproven page, a viewer. The right code, and no effect."""

from __future__ import annotations

from typing import Any

import pytest

from client_sim.api import Api
from server.wire.messages import AnyCommand
from tests.web.asking import API_KEY, EMAIL, make_invited
from tests.web.tab import make_room, open_tab, sit_in, undisturbed

NOBODY = "p-nobody"
FIELDS: dict[str, dict[str, Any]] = {
    "sync": {}, "token.renew": {}, "leave": {},
    "role.change": {"participant_id": NOBODY, "role": "speaker"},
    "hand.raise": {}, "hand.lower": {"participant_id": NOBODY}, "hands.clear": {},
    "room.lock": {}, "room.unlock": {}, "room.edit": {"title": "Mine"}, "room.delete": {},
    "session.start": {}, "session.end": {}, "session.reopen": {}, "person.rename": {"name": "Mallory"},
    "lobby.admit": {"participant_ids": [NOBODY]}, "lobby.admit_all": {}, "lobby.decline": {"participant_id": NOBODY},
    "lobby.send_back": {"participant_id": NOBODY}, "lobby.message": {"text": "Hi."}, "lobby.withdraw": {}, "lobby.knock": {},
    "participants.page": {}, "participants.watch": {"page": {}}, "waiters.page": {},
    "participant.remove": {"participant_id": NOBODY}, "participant.ban": {"participant_id": NOBODY},
    "invitation.create": {"email": "evil@example.com", "first_name": "E", "last_name": "V", "role": "moderator"},
    "invitation.link": {"invitation_id": "i"}, "invitation.revoke": {"invitation_id": "i"},
    "invitation.extend": {"invitation_id": "i"}, "invitation.role": {"invitation_id": "i", "role": "moderator"},
    "invitation.release": {"invitation_id": "i"}, "invitation.send": {"invitation_id": "i"}, "invitation.remind": {},
    "invitation.bulk": {"rows": [{"email": "evil@example.com", "first_name": "E", "last_name": "V", "role": "moderator"}]},
    "people.suggest": {"text": "ann"}, "audit.page": {}, "domain.check": {"email": EMAIL}, "domain.rules": {},
    "guest_link.create": {"name": "Mine"}, "guest_link.link": {"guest_link_id": "g"},
    "guest_link.edit": {"guest_link_id": "g", "name": "Mine"}, "guest_link.delete": {"guest_link_id": "g"},
    "device.allow": {"invitation_id": "i", "request_id": "d"}, "device.refuse": {"invitation_id": "i", "request_id": "d"},
}
OF_EVERYBODY = {"sync", "token.renew", "leave"}
OF_THE_LOBBY = {"lobby.withdraw", "lobby.knock"}
# What concerns oneself alone, or a session that has ended: see test_a_page_after_the_end_can_do_nothing_but_go_on.
OF_ONESELF = {"session.reopen", "person.rename"}
OF_VIEWERS = {"hand.raise", "participants.page", "participants.watch"}
ABOUT_SOMEBODY = {
    "role.change", "hand.lower", "lobby.decline", "lobby.send_back", "participant.remove", "participant.ban",
}


def test_this_table_names_every_command():
    assert set(FIELDS) == {command.__struct_config__.tag for command in AnyCommand.__args__}


def commands_but(*left_out: set[str]) -> list[str]:
    return [name for name in FIELDS if not any(name in names for names in left_out)]


async def fields_for(name: str, target: str, invitation_id: str) -> dict[str, Any]:
    """The command's fields with a person and an invitation that there are, so that only the right is missing."""
    named = dict(FIELDS[name])
    if "participant_id" in named:
        named["participant_id"] = target
    if "participant_ids" in named:
        named["participant_ids"] = [target]
    if "invitation_id" in named:
        named["invitation_id"] = invitation_id
    return named


async def invite(node: Any, room_id: str) -> str:
    made = await Api(node.url, API_KEY).invite(room_id, email=EMAIL, first_name="A", last_name="O", role="viewer")
    return str(made["invitation_id"])


@pytest.mark.parametrize("name", commands_but(OF_ONESELF, OF_EVERYBODY, OF_VIEWERS, OF_THE_LOBBY))
async def test_a_viewer_may_not(node, name):
    room_id = await make_room(node)
    invitation_id = await invite(node, room_id)
    async with sit_in(node, room_id, "maya") as maya, sit_in(node, room_id, "vic") as vic, undisturbed(node, room_id):
        target = maya.heard[1]["you"]["participant_id"]
        answer = await vic.command(name, **await fields_for(name, target, invitation_id))
        assert (answer["type"], answer["code"]) == ("refused", "role_forbidden")
        assert answer["next_step"]
        assert (await vic.command("token.renew"))["type"] == "result"


@pytest.mark.parametrize("name", sorted(OF_THE_LOBBY))
async def test_who_is_inside_neither_knocks_nor_leaves_the_line(node, name):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "vic") as vic, undisturbed(node, room_id):
        assert (await vic.command(name))["code"] == "not_waiting"


@pytest.mark.parametrize("name", commands_but(OF_ONESELF, OF_EVERYBODY, OF_THE_LOBBY))
async def test_who_waits_in_line_may_not(node, name):
    room_id = await make_room(node)
    invitation_id = await invite(node, room_id)
    async with sit_in(node, room_id, "maya") as maya, sit_in(node, room_id, "bea"):
        assert (await maya.command("room.lock"))["type"] == "result"
        async with sit_in(node, room_id, "wim") as wim:
            assert wim.heard[1]["you"]["state"] == "waiting"
            before = await maya.room_whole()
            target = maya.heard[1]["you"]["participant_id"]
            answer = await wim.command(name, **await fields_for(name, target, invitation_id))
            assert (answer["type"], answer["code"]) == ("refused", "not_inside")
            assert await maya.room_whole() == before


@pytest.mark.parametrize("name", sorted(OF_EVERYBODY - {"leave"}))
async def test_what_every_tab_may_ask_tells_a_waiting_one_nothing_of_the_room(node, name):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "maya") as maya:
        await maya.command("room.lock")
        async with sit_in(node, room_id, "wim") as wim:
            assert (await wim.command(name))["type"] == "result"
            told = repr(wim.heard)
            assert maya.heard[1]["you"]["participant_id"] not in told
            assert "'position': {" not in told
            assert {message["type"] for message in wim.heard} <= {"challenge", "welcome", "lobby", "result"}


@pytest.mark.parametrize("name", commands_but({"token.renew", "leave"}))
async def test_a_page_that_has_proven_no_address_may_not(node, name):
    invited = await make_invited(node)
    lobby_token = (await Api(node.url).look(invited.link))["lobby_token"]
    async with undisturbed(node, invited.room_id) as bystander, open_tab(node) as tab:
        welcome = await tab.hello(lobby_token)
        assert (welcome["you"]["state"], welcome["snapshot"], welcome["position"]) == ("unproven", None, None)
        target = bystander.heard[1]["you"]["participant_id"]
        answer = await tab.command(name, **await fields_for(name, target, invited.invitation_id))
        assert (answer["type"], answer["code"]) == ("refused", "not_inside")
        assert target not in repr(tab.heard)


@pytest.mark.parametrize("name", ["open.sesame", "", "hello ", "constructor", "__proto__", "welcome", "tick", "x" * 1_000])
async def test_a_command_that_there_is_not_is_refused_by_its_id(node, name):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "maya") as maya, undisturbed(node, room_id):
        answer = await maya.command(name)
        assert (answer["type"], answer["code"]) == ("refused", "unknown_command")
        assert (await maya.command("token.renew"))["type"] == "result"


@pytest.mark.parametrize("name", sorted(ABOUT_SOMEBODY))
async def test_a_command_about_nobody_is_refused(node, name):
    room_id = await make_room(node)
    async with sit_in(node, room_id, "maya") as maya, undisturbed(node, room_id):
        assert (await maya.command(name, **FIELDS[name]))["code"] == "participant_unknown"


@pytest.mark.parametrize("name", [name for name, fields in FIELDS.items() if "invitation_id" in fields])
async def test_a_command_about_no_invitation_is_refused_even_where_its_id_was_answered_before(node, name):
    room_id = await make_room(node)
    invitation_id = await invite(node, room_id)
    async with sit_in(node, room_id, "maya") as maya:
        fields = await fields_for(name, NOBODY, invitation_id)
        await maya.send({"type": name, "id": "once", **fields})
        await maya.answer_to("once")
        await maya.send({"type": name, "id": "once", **fields, "invitation_id": "i-none"})
        again = await maya.answer_to("once")
        # This node sends no mail, and says so first.
        unknown = "email_not_configured" if name == "invitation.send" else "invitation_unknown"
        assert again["type"] == "result" or again["code"] in (unknown, "already_decided")
        assert (await maya.command(name, **fields | {"invitation_id": "i-none"}))["code"] == unknown

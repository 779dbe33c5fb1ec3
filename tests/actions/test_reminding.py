"""Reminding those who have not come yet: each once in a while, nobody who was here, and nobody without a mail server."""

from __future__ import annotations

import pytest

from client_sim.device import Device
from server.actions import invitations, rooms, sanctions
from server.actions.invitations import revoke
from server.actions.reminding import remind
from server.domain.mail import MailKind
from server.domain.refusals import MailTooSoon
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from tests.support.refusing import outcomes, refused
from tests.support.rooms import ROOM, Site, open_site
from tests.support.verifying import verify_action

TEN_MINUTES_MS, DAY_MS = 600_000, 86_400_000


async def with_boss(site: Site) -> None:
    await site.create_room()
    await site.bring_in("boss", Role.MANAGER)


async def invite(site: Site, *names: str) -> list[str]:
    return [(await site.invite(name))["invitation_id"] for name in names]


async def test_all_who_have_not_come_are_reminded_and_nobody_else(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        ann, bob, cat, dan = await invite(site, "ann", "bob", "cat", "dan")
        inside = await site.invite("eva")
        site.ids["eva"] = (await site.claim(inside["secret"], "eva", Device())).participant_id
        await site.open_tab("eva")
        await site.close_tab("eva")
        await revoke(site.services, site.by("boss"), dan, remove_person=False)
        async with verify_action(site) as caused:
            answer = await remind(site.services, site.by("boss"), None)
        assert sorted(answer["reminded"]) == sorted([ann, bob, cat])
        assert [event.what for event in caused.events] == ["reminded"]
        rows = (await site.contents()).invitations
        assert {rows[which].mail.kind for which in (ann, bob, cat)} == {MailKind.REMINDER}
        assert all(rows[which].reminded_at_ms for which in (ann, bob, cat))
        assert rows[inside["invitation_id"]].reminded_at_ms is None


async def test_nobody_is_reminded_twice_within_ten_minutes(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        (ann,) = await invite(site, "ann")
        await remind(site.services, site.by("boss"), [ann])
        with pytest.raises(MailTooSoon) as refusal:
            await remind(site.services, site.by("boss"), [ann])
        assert TEN_MINUTES_MS - 30_000 < refusal.value.retry_after_ms <= TEN_MINUTES_MS
        (bob,) = await invite(site, "bob")
        assert await remind(site.services, site.by("boss"), None) | {"seq": 0} == {
            "reminded": [bob], "skipped": [{"invitation_id": ann, "code": "mail_too_soon"}], "seq": 0,
        }
        site.store.scripts.skew_ms = TEN_MINUTES_MS
        assert (await remind(site.services, site.by("boss"), [ann]))["reminded"] == [ann]


async def test_two_who_click_at_once_on_two_nodes_send_one_reminder(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        (ann,) = await invite(site, "ann")
        other = await site.add_node()
        told = await outcomes(
            remind(site.services, site.by("boss"), [ann]), remind(other, site.by("boss"), [ann])
        )
        assert "mail_too_soon" in told
        assert len(await site.store.redis.hkeys(site.store.keyspace.shard(ROOM).mails)) == 1


async def test_the_same_request_again_reminds_nobody_anew(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        await invite(site, "ann", "bob")
        first = await remind(site.services, site.by("boss", "r1"), None)
        before = await site.seq()
        assert await remind(site.services, site.by("boss", "r1"), None) == first
        assert await site.seq() == before


async def test_many_are_reminded_in_batches():
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site)
        made = await invite(site, *(f"p{number}" for number in range(105)))
        async with verify_action(site) as caused:
            answer = await remind(site.services, site.by("boss"), None)
        assert sorted(answer["reminded"]) == sorted(made)
        assert len(caused.entries) == 2


async def test_whose_link_has_expired_is_not_sent_there_and_whoever_has_claimed_it_is(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        (ann,) = await invite(site, "ann")
        bob = await site.invite("bob")
        await site.claim(bob["secret"], "bob", Device())
        site.store.scripts.skew_ms = DAY_MS + 1
        answer = await remind(site.services, site.by("boss"), [ann, bob["invitation_id"]])
        assert answer["reminded"] == [bob["invitation_id"]]
        assert answer["skipped"] == [{"invitation_id": ann, "code": "invite_expired"}]
        await invitations.extend(site.services, site.by("boss"), ann)
        assert (await remind(site.services, site.by("boss"), [ann]))["reminded"] == [ann]


async def test_an_old_link_of_a_planned_session_is_good_and_its_invitee_reminded(store_url):
    async with open_site(store_url) as site:
        await site.create_room(starts_at_ms=await site.now_ms() + 3 * DAY_MS)
        await site.meet("boss", Role.MANAGER)
        (ann,) = await invite(site, "ann")
        site.store.scripts.skew_ms = 2 * DAY_MS
        assert (await remind(site.services, site.by(None), [ann]))["reminded"] == [ann]


@pytest.mark.parametrize("act", [sanctions.remove, sanctions.ban])
async def test_who_was_put_out_before_they_came_is_not_asked_to_come(store_url, act):
    async with open_site(store_url) as site:
        await with_boss(site)
        made = await site.invite("ann")
        site.ids["ann"] = (await site.claim(made["secret"], "ann", Device())).participant_id
        await act(site.services, site.by("boss"), site.ids["ann"])
        with refused("already_decided"):
            await remind(site.services, site.by("boss"), [made["invitation_id"]])


async def test_who_is_inside_by_the_sites_sign_in_is_not_asked_to_come(store_url):
    async with open_site(store_url) as site:
        await with_boss(site)
        (ann,) = await invite(site, "ann")
        await site.sign_in("ann")
        await site.open_tab("ann")
        answer = await remind(site.services, site.by("boss"), None)
        assert answer["skipped"] == [{"invitation_id": ann, "code": "already_decided"}]
        await site.close_tab("ann")
        assert (await remind(site.services, site.by("boss"), None))["reminded"] == [ann]


async def test_who_may_not_remind_is_told_so_before_anything_is_looked_for(monkeypatch):
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site)
        await site.bring_in("vic")
        monkeypatch.setattr(type(site.store.rooms), "load", None)
        with refused("role_forbidden"):
            await remind(site.services, site.by("vic"), None)


async def test_an_unknown_one_among_several_is_told_apart():
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site)
        (ann,) = await invite(site, "ann")
        answer = await remind(site.services, site.by("boss"), [ann, "i-unknown"])
        assert answer["reminded"] == [ann]
        assert answer["skipped"] == [{"invitation_id": "i-unknown", "code": "invitation_unknown"}]


async def test_without_a_mail_server_nobody_is_reminded():
    async with open_site(EMBEDDED_URL, smtp_url=None) as site:
        await with_boss(site)
        await invite(site, "ann")
        with refused("email_not_configured"):
            await remind(site.services, site.by("boss"), None)


@pytest.mark.parametrize("end", ["end", "delete"])
async def test_after_the_session_nobody_is_reminded(end):
    async with open_site(EMBEDDED_URL) as site:
        await with_boss(site)
        await invite(site, "ann")
        await (rooms.end_session if end == "end" else rooms.delete_room)(site.services, site.by("boss"))
        with refused("session_ended" if end == "end" else "room_deleted"):
            await remind(site.services, site.by(None), None)

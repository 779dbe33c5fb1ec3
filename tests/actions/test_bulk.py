"""Invitations in bulk: each row is for itself, and no row is made twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from server.actions import bulk, invitations, roles, sanctions
from server.actions.bulk import Upload, invite_in_bulk
from server.actions.services import Services
from server.domain.invitation import InvitationStatus
from server.domain.refusals import AlreadyDecided
from server.domain.roles import Role
from server.domain.upload import RowOutcome, UploadedRow
from tests.support.refusing import refused
from tests.support.rooms import HOUR_MS, ROOM, Site, open_site
from tests.support.verifying import verify_action


def uploaded(name: str, **fields: Any) -> UploadedRow:
    return UploadedRow(
        **{"email": f"{name}@example.com", "first_name": name.title(), "last_name": "Invited", "role": "viewer", **fields}
    )


def many(count: int) -> list[UploadedRow]:
    return [uploaded(f"p{number}") for number in range(count)]


async def upload(
    site: Site,
    rows: list[UploadedRow],
    *,
    by: str | None = None,
    on: Services | None = None,
    dry_run: bool = False,
    key: str | None = None,
    request_id: str | None = None,
) -> list[RowOutcome]:
    made = Upload(rows=rows, dry_run=dry_run, key=key)
    return await invite_in_bulk(on or site.services, site.by(by, request_id), made)


async def queued_mails(site: Site) -> int:
    return await site.store.redis.xlen(site.store.keyspace.shard(ROOM).mail)


async def demote(site: Site) -> None:
    await roles.change_role(site.services, site.by(None), site.ids["mod"], Role.VIEWER)


async def remove(site: Site) -> None:
    await sanctions.remove(site.services, site.by(None), site.ids["mod"])


def said(outcomes: list[RowOutcome]) -> list[str]:
    """The status of each row, or the code of its refusal."""
    return [outcome.refusal.code if outcome.refusal else str(outcome.status) for outcome in outcomes]


MIXED = [
    uploaded("ada"), uploaded("bob", email="nobody"), uploaded("ada", last_name="Again"), uploaded("cleo", role="manager"),
    uploaded("dan", first_name=" "), uploaded("eve", send=True), uploaded("fay", key="1"), uploaded("gus", key="1"),
    uploaded("hal", email="mi\u212ae@example.com"), uploaded("ida", email="ida@blocked.example"), uploaded("old"),
]  # fmt: skip
MIXED_CODES = [
    None, "row_invalid", "duplicate_row", "row_invalid", "row_invalid", "email_not_configured", None, "duplicate_row",
    "row_invalid", "domain_blocked", None,
]  # fmt: skip


async def test_a_row_that_cannot_be_done_says_so_and_stops_no_other(store_url):
    async with open_site(store_url) as site:
        await site.create_room(blocked_domains=["blocked.example"])
        without_mail = replace(site.services, mail=None)
        old = await site.invite("old")
        expected_dry = [code or "would_create" for code in MIXED_CODES]
        expected_dry[-1] = "would_replace"
        before = await site.seq()
        dry = await upload(site, MIXED, dry_run=True, on=without_mail)
        assert said(dry) == expected_dry
        assert dry[-1].replaced == old["invitation_id"]
        assert await site.seq() == before
        async with verify_action(site):
            outcomes = await upload(site, MIXED, on=without_mail)
        assert said(outcomes) == [code or "created" for code in MIXED_CODES]
        assert outcomes[-1].replaced == old["invitation_id"]
        assert {one.email for one in (await site.contents()).invitations.values() if one.status == "created"} == {
            "ada@example.com", "fay@example.com", "old@example.com",
        }  # fmt: skip


async def test_each_link_opens_and_is_the_one_that_a_manager_would_copy(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        outcomes = await upload(site, many(3))
        for outcome in outcomes:
            again = await invitations.link_again(site.services, site.by(None), outcome.invitation_id)
            assert outcome.link == again["link"]
            assert "#" in outcome.link


@pytest.mark.parametrize("key", [None, "upload-1"])
async def test_the_same_upload_again_on_another_node_makes_nothing_twice(either_store_url, key):
    async with open_site(either_store_url) as site:
        await site.create_room()
        rows = [*many(30), uploaded("kay", key="k")]
        first = await upload(site, rows, key=key)
        seq = await site.seq()
        again = await upload(site, rows, on=await site.add_node(), key=key)
        assert set(said(again)) == {"repeated"}
        assert [(one.invitation_id, one.link) for one in again] == [(one.invitation_id, one.link) for one in first]
        assert await site.seq() == seq
        assert set(said(await upload(site, rows, key=key, dry_run=True))) == {"repeated"}


async def test_two_uploads_of_the_same_at_once_on_two_nodes_make_each_row_once(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        other = await site.add_node()
        both = await asyncio.gather(upload(site, many(60)), upload(site, many(60), on=other))
        for one, two in zip(*both, strict=True):
            assert {one.status, two.status} == {"created", "repeated"}
            assert (one.invitation_id, one.link) == (two.invitation_id, two.link)
        assert len((await site.contents()).invitations) == 60


async def test_an_upload_that_broke_off_is_taken_up_where_it_was(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await upload(site, many(30)[:13])
        assert Counter(said(await upload(site, many(30)))) == {"repeated": 13, "created": 17}


async def test_a_row_that_says_something_else_replaces_and_a_key_that_does_is_refused(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await upload(site, [uploaded("ada"), uploaded("bob", key="k")])
        for dry_run, expected in ((True, "would_replace"), (False, "created")):
            rows = [uploaded("ada", role="speaker"), uploaded("bob", role="speaker", key="k")]
            outcomes = await upload(site, rows, dry_run=dry_run)
            assert said(outcomes) == [expected, "row_key_reused"]


async def test_what_was_revoked_is_made_anew_unless_its_key_stands_for_it(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        rows = [uploaded("ada"), uploaded("bob", key="k")]
        first = await upload(site, rows)
        for outcome in first:
            await invitations.revoke(site.services, site.by(None), outcome.invitation_id, remove_person=False)
        assert said(await upload(site, rows, dry_run=True)) == ["would_create", "repeated"]
        again = await upload(site, rows)
        assert said(again) == ["created", "repeated"]
        assert again[1].invitation_id == first[1].invitation_id
        assert again[1].link is None


async def test_the_same_key_from_two_people_is_two_keys(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        await upload(site, [uploaded("ada", key="1")])
        assert said(await upload(site, [uploaded("bob", key="1")], by="boss")) == ["created"]


async def test_a_manager_who_is_demoted_in_the_middle_invites_nobody_more(store_url, monkeypatch):
    async with open_site(store_url) as site:
        await site.create_room(moderators_invite=True)
        await site.bring_in("mod", Role.MODERATOR)
        issue, done = bulk._issue, 0

        async def issue_and_demote(*args):
            nonlocal done
            outcome = await issue(*args)
            done += 1
            if done == bulk.BATCH_ROWS + 5:
                await roles.change_role(site.services, site.by(None), site.ids["mod"], Role.VIEWER)
            return outcome

        monkeypatch.setattr(bulk, "_issue", issue_and_demote)
        codes = said(await upload(site, many(90), by="mod"))
        made = codes.count("created")
        assert bulk.BATCH_ROWS + 5 <= made <= 2 * bulk.BATCH_ROWS
        assert set(codes[: bulk.BATCH_ROWS]) == {"created"}
        assert set(codes[2 * bulk.BATCH_ROWS :]) == {"role_forbidden"}
        assert set(codes) == {"created", "role_forbidden"}
        assert len((await site.contents()).invitations) == made


@pytest.mark.parametrize(("lose", "code"), [(demote, "role_forbidden"), (remove, "not_inside")])
async def test_who_loses_the_right_between_the_reading_and_the_writing_invites_nobody(store_url, monkeypatch, lose, code):
    async with open_site(store_url) as site:
        await site.create_room(moderators_invite=True)
        await site.bring_in("mod", Role.MODERATOR)
        await site.bring_in("boss", Role.MANAGER)  # a host stays, so that nothing of the room itself changes
        issue_batch = bulk._issue_batch

        async def lose_and_issue(*args):
            with contextlib.suppress(AlreadyDecided):  # at the second batch they are out already
                await lose(site)
            return await issue_batch(*args)

        monkeypatch.setattr(bulk, "_issue_batch", lose_and_issue)
        assert set(said(await upload(site, many(30), by="mod"))) == {code}
        assert (await site.contents()).invitations == {}


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("who", "role", "code"), [("mod", Role.MODERATOR, "role_forbidden"), ("vic", Role.VIEWER, "role_forbidden")]
)
async def test_who_may_not_invite_learns_nothing_of_any_row(store_url, who, role, code, dry_run):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in(who, role)
        with refused(code):
            await upload(site, [uploaded("ada", email="nobody")], by=who, dry_run=dry_run)


async def test_who_is_to_be_mailed_is_mailed_once(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        rows = [uploaded("ada", send=True), uploaded("bob"), uploaded("cleo", send=True)]
        assert said(await upload(site, rows, dry_run=True)) == ["would_create"] * 3
        assert await queued_mails(site) == 0
        await upload(site, rows)
        await upload(site, rows, on=await site.add_node())
        await asyncio.gather(upload(site, rows), upload(site, rows))
        assert await queued_mails(site) == 2


async def test_the_bound_of_a_room_holds_and_a_dry_run_says_so(store_url):
    async with open_site(store_url, max_invitations=3) as site:
        await site.create_room()
        await site.invite("p0")
        assert said(await upload(site, many(5), dry_run=True)) == [
            "would_replace", "would_create", "would_create", "too_many_invitations", "too_many_invitations",
        ]  # fmt: skip
        codes = said(await upload(site, many(5)))
        assert Counter(codes) == {"created": 3, "too_many_invitations": 2}
        assert codes[0] == "created"


async def test_more_than_a_thousand_rows_are_refused_and_none_is_done(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        with refused("too_many_rows"):
            await upload(site, many(1_001))
        assert (await site.contents()).invitations == {}


async def test_a_node_works_on_a_few_uploads_at_once_and_lets_the_others_wait(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        found = await asyncio.gather(*(upload(site, many(3)) for _ in range(12)), return_exceptions=True)
        codes = Counter(getattr(one, "code", "done") for one in found)
        assert codes == {"done": 4, "busy": 8}
        assert said(await upload(site, many(3))) == ["repeated"] * 3


HOSTILE_NAMES = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "<b>", "Łukasz", "'; DROP", "a\r\nBcc: x", "\u202eada", "{URL}"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
async def test_names_are_text_and_nothing_else(store_url, name):
    async with open_site(store_url) as site:
        await site.create_room()
        (outcome,) = await upload(site, [uploaded("ada", first_name=name)])
        stored = (await site.contents()).invitations[outcome.invitation_id].first_name
        assert stored == "".join(character for character in name if character.isprintable())


@pytest.mark.parametrize("dry_run", [True, False])
async def test_where_nobody_may_be_invited_the_whole_upload_is_refused(store_url, dry_run):
    async with open_site(store_url) as site:
        await site.create_room(cnc=False)
        with refused("cnc_disabled"):
            await upload(site, many(1), dry_run=dry_run)


AGAIN = {
    "as it was": ({}, None),
    "opened": ({"status": InvitationStatus.OPENED}, None),
    "claimed": ({"status": InvitationStatus.CLAIMED}, None),
    "revoked": ({"status": InvitationStatus.REVOKED}, None),
    "replaced": ({"status": InvitationStatus.REPLACED}, None),
    "expired": ({"expires_at_ms": 1}, None),
    "expired before the planned end": ({"expires_at_ms": 1}, HOUR_MS),
}


@pytest.mark.parametrize("key", [None, "k"])
@pytest.mark.parametrize("name", AGAIN)
async def test_the_script_and_the_dry_run_say_the_same_of_a_row_that_comes_again(store_url, name, key):
    """When a row stands for what it made is decided twice."""
    changes, ends_in_ms = AGAIN[name]
    async with open_site(store_url) as site:
        await site.create_room(ends_at_ms=await site.now_ms() + ends_in_ms if ends_in_ms else None)
        rows = [uploaded("ada", key=key)]
        (first,) = await upload(site, rows)
        made = (await site.contents()).invitations[first.invitation_id]
        await site.store.invitations.put(
            ROOM, replace(made, **changes), what="extended", by=None, seen={}, request_id=None
        )
        dry, real = await upload(site, rows, dry_run=True), await upload(site, rows)
        holds = key or name in ("as it was", "opened", "claimed", "expired before the planned end")
        assert said(real) == ["repeated" if holds else "created"]
        same = {"would_create": "created", "would_replace": "created"}
        assert [same.get(one, one) for one in said(dry)] == said(real)


async def test_a_promoted_moderator_may_not_invite_where_only_managers_may(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        await site.bring_in("vic")
        await roles.change_role(site.services, site.by("boss"), site.ids["vic"], Role.MODERATOR)
        with refused("role_forbidden"):
            await upload(site, many(1), by="vic")

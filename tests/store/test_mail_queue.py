"""The queue of mails: who may send, whose word counts, and that no entry gets lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from server.actions import invitations
from server.actions.invitations import Invitee
from server.domain.mail import MAIL_EVERY_MS, MailState, MailStatus, check_mail_due
from server.domain.refusals import MailTooSoon
from server.domain.roles import Role
from server.settings import EMBEDDED_URL
from server.store.mail import GROUP, MailStore, QueueEntry, TakenMail, new_mail_id
from server.store.records import record_fields
from server.store.store import Store
from tests.support.rooms import ROOM, Site, open_site, shard_of_room

CLAIM_MS = 50


@asynccontextmanager
async def site_with_a_mail(store_url: str, claim_ms: int = CLAIM_MS) -> AsyncIterator[tuple[Site, str]]:
    """A site with one mail queued; the invitation's id."""
    async with open_site(store_url, mail_claim_ms=claim_ms, smtp_timeout_ms=10) as site:
        await site.create_room()
        await site.bring_in("boss", Role.MANAGER)
        invitee = Invitee(email="ina@example.com", first_name="Ina", last_name="V", role=Role.VIEWER, send_email=True)
        made = await invitations.invite(site.services, site.by("boss"), invitee)
        await site.store.mail.open()
        yield site, made["invitation_id"]


async def read_one(mail: MailStore) -> QueueEntry:
    (entry,) = await mail.read(10)
    return entry


async def take(mail: MailStore, entry: QueueEntry) -> TakenMail:
    taken = await mail.take(entry)
    assert taken is not None
    return taken


async def claim_one(mail: MailStore) -> QueueEntry:
    """What lies in somebody's hands, once it has lain there long enough."""
    await asyncio.sleep(CLAIM_MS * 1.5 / 1000)
    (entry,) = await mail.claim(10, [])
    return entry


async def shown(site: Site, invitation_id: str) -> MailState:
    mail = (await site.contents()).invitations[invitation_id].mail
    assert mail is not None
    return mail


async def left_in_stream(store: Store, site: Site) -> int:
    stream = store.keyspace.by_shard[shard_of_room(site.services)].mail
    pending = await store.redis.xpending(stream, GROUP)
    return int(await store.redis.xlen(stream)) + int(pending["pending"])


async def test_a_mail_is_delivered_to_one_reader(store_url):
    async with site_with_a_mail(store_url) as (site, _):
        other = await site.add_node()
        await read_one(site.store.mail)
        assert await other.store.mail.read(10) == []
        assert await site.store.mail.read(10) == []


async def test_one_of_two_who_took_the_same_mail_may_send_it(store_url):
    async with site_with_a_mail(store_url) as (site, invitation_id):
        other = (await site.add_node()).store.mail
        first = await take(site.store.mail, await read_one(site.store.mail))
        second = await take(other, await claim_one(other))
        assert await other.begin_sending(second, "b")
        assert not await site.store.mail.begin_sending(first, "a")
        assert not await site.store.mail.store_outcome(first, "a", MailStatus.FAILED, error="x")
        assert await other.store_outcome(second, "b", MailStatus.SENT)
        assert (await shown(site, invitation_id)).status == "sent"
        assert await left_in_stream(site.store, site) == 0


async def test_leave_asked_for_again_by_the_same_try_is_the_same_leave(store_url):
    async with site_with_a_mail(store_url) as (site, _):
        mail = site.store.mail
        taken = await take(mail, await read_one(mail))
        assert await mail.begin_sending(taken, "a")
        assert await mail.begin_sending(taken, "a")


async def test_an_outcome_stored_twice_counts_once(store_url):
    async with site_with_a_mail(store_url) as (site, invitation_id):
        mail = site.store.mail
        taken = await take(mail, await read_one(mail))
        assert await mail.store_outcome(taken, "a", MailStatus.QUEUED, error="later", retry_in_ms=1_000)
        assert not await mail.store_outcome(taken, "a", MailStatus.QUEUED, error="later", retry_in_ms=1_000)
        assert (await shown(site, invitation_id)).tries == 1


async def test_leave_that_arrives_after_its_try_was_given_up_is_refused(store_url):
    async with site_with_a_mail(store_url) as (site, _):
        mail = site.store.mail
        taken = await take(mail, await read_one(mail))
        await mail.store_outcome(taken, "a", MailStatus.QUEUED, error="later", retry_in_ms=1_000)
        assert not await mail.begin_sending(taken, "a")


async def test_a_late_word_does_not_take_away_what_another_is_sending(store_url):
    async with site_with_a_mail(store_url) as (site, invitation_id):
        other = (await site.add_node()).store.mail
        first = await take(site.store.mail, await read_one(site.store.mail))
        second = await take(other, await claim_one(other))
        assert await other.begin_sending(second, "b")
        assert not await site.store.mail.store_outcome(first, "a", MailStatus.QUEUED, error="later", retry_in_ms=1_000)
        # The other dies now; somebody finds it.
        found = await claim_one(site.store.mail)
        assert await site.store.mail.take(found) is None
        assert (await shown(site, invitation_id)).status == "unsure"
        assert await left_in_stream(site.store, site) == 0


async def test_what_is_being_sent_is_left_alone_until_its_time_is_over(store_url):
    async with site_with_a_mail(store_url, claim_ms=60_000) as (site, invitation_id):
        mail = site.store.mail
        taken = await take(mail, await read_one(mail))
        await mail.begin_sending(taken, "a")
        assert await mail.take(taken.entry) is None
        assert (await shown(site, invitation_id)).status == "queued"
        site.store.scripts.skew_ms += 61_000
        assert await mail.take(taken.entry) is None
        assert (await shown(site, invitation_id)).status == "unsure"


async def test_what_this_node_has_in_hand_it_leaves_to_others(store_url):
    async with site_with_a_mail(store_url) as (site, _):
        other = (await site.add_node()).store.mail
        entry = await read_one(site.store.mail)
        await asyncio.sleep(CLAIM_MS * 1.5 / 1000)
        assert await site.store.mail.claim(10, [entry]) == []
        assert await other.claim(10, []) == [entry]


async def test_a_pause_that_is_over_offers_the_mail_once(store_url):
    async with site_with_a_mail(store_url) as (site, _):
        mail = site.store.mail
        taken = await take(mail, await read_one(mail))
        await mail.store_outcome(taken, "a", MailStatus.QUEUED, error="later", retry_in_ms=1_000)
        await mail.offer_again(ROOM, taken.mail.mail_id)
        assert await mail.read(10) == []
        site.store.scripts.skew_ms += 1_500
        for _ in range(3):
            await mail.offer_again(ROOM, taken.mail.mail_id)
        entry = await read_one(mail)
        assert (await take(mail, entry)).mail.tries == 1


async def test_a_group_that_is_gone_is_made_anew_and_passes_nothing_by(redis_url):
    async with site_with_a_mail(redis_url) as (site, _):
        stream = site.store.keyspace.by_shard[shard_of_room(site.services)].mail
        await site.store.redis.xgroup_destroy(stream, GROUP)
        assert await site.store.mail.claim(10, []) == []
        assert await site.store.mail.read(10) == []
        assert (await read_one(site.store.mail)).room_id == ROOM


async def test_a_reader_that_leaves_with_empty_hands_is_forgotten_and_one_with_a_mail_is_not(store_url):
    async with site_with_a_mail(store_url) as (site, _):
        other = (await site.add_node()).store.mail
        stream = site.store.keyspace.by_shard[shard_of_room(site.services)].mail
        await read_one(site.store.mail)
        await other.read(10)
        await other.close()
        await site.store.mail.close()
        readers = await site.store.redis.xinfo_consumers(stream, GROUP)
        assert [reader["pending"] for reader in readers] == [1]


async def test_a_mail_of_which_everybody_dies_who_takes_it_up_is_given_up(store_url):
    async with site_with_a_mail(store_url) as (site, invitation_id):
        mail = site.store.mail
        entry = await read_one(mail)
        for _ in range(10):
            await take(mail, entry)
        assert await mail.take(entry) is None
        assert (await shown(site, invitation_id)).status == "failed"
        assert await left_in_stream(site.store, site) == 0
        assert [dead.mail.takes for dead in await site.store.dead_mail.page(None, 10)] == [10]


async def test_a_try_that_has_an_outcome_is_no_sign_of_a_mail_that_kills(store_url):
    async with site_with_a_mail(store_url) as (site, invitation_id):
        mail = site.store.mail
        entry = await read_one(mail)
        for _ in range(12):
            taken = await take(mail, entry)
            await mail.store_outcome(taken, "a", MailStatus.QUEUED, error="later", retry_in_ms=1)
        assert (await shown(site, invitation_id)).tries == 12


async def test_a_late_yes_finds_its_mail_among_very_many_dead_ones(store_url):
    async with site_with_a_mail(store_url) as (site, invitation_id):
        mail = site.store.mail
        taken = await take(mail, await read_one(mail))
        await mail.begin_sending(taken, "a")
        site.store.scripts.skew_ms += CLAIM_MS + 1_000
        assert await mail.take(taken.entry) is None
        stream = site.store.keyspace.by_shard[shard_of_room(site.services)].mail_dead
        ((_, fields),) = await site.store.redis.xrange(stream)
        for _ in range(300):
            other = json.loads(fields[b"mail"]) | {"mail_id": new_mail_id()}
            await site.store.redis.xadd(stream, {**fields, b"mail": json.dumps(other)})
        assert not await mail.store_outcome(taken, "a", MailStatus.SENT)
        assert taken.mail.mail_id not in [dead.mail.mail_id for dead in await site.store.dead_mail.page(None, 1_000)]
        assert (await shown(site, invitation_id)).status == "sent"


@pytest.mark.parametrize("status", MailStatus)
@pytest.mark.parametrize("age_ms", [0, MAIL_EVERY_MS - 5_000, MAIL_EVERY_MS + 5_000])
async def test_the_script_and_the_rule_agree_on_when_another_mail_is_due(status, age_ms):
    async with site_with_a_mail(EMBEDDED_URL) as (site, invitation_id):
        contents = await site.contents()
        invitation = contents.invitations[invitation_id]
        assert invitation.mail is not None
        await site.store.redis.delete(site.store.keyspace.by_shard[shard_of_room(site.services)].mails)
        invitation.mail = replace(invitation.mail, status=status, at_ms=contents.now_ms - age_ms)
        key = site.store.keyspace.room(ROOM).invitations
        await site.store.redis.hset(key, invitation_id, json.dumps(record_fields(invitation)))
        try:
            check_mail_due(invitation.mail, contents.now_ms)
            code = None
        except MailTooSoon as too_soon:
            code = too_soon.code
        answer = await site.store.invitations.remind(contents.room, [invitation_id], by=None, seen={}, request_id=None)
        assert {skipped[0]: skipped[1] for skipped in answer["skipped"] or ()}.get(invitation_id) == code

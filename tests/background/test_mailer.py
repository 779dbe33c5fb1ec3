"""The mailer: what was queued arrives once, and what became of it shows on the invitation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from server.actions import invitations, mailing, rooms, sanctions
from server.background import mailer as mailing_off
from server.background.mail_sending import MailSending
from server.background.mailer import Mailer
from server.domain.mail import MailKind
from server.domain.roles import Role
from server.domain.room import Phase
from server.settings import EMBEDDED_URL, Keyring, Secret
from server.trust.link_secrets import LinkSecrets
from server.wire.audiences import Audience
from tests.support.mailing import TAKEN_UP_SOON, invite_by_mail, mail_of, mailer_of, open_mail_site, wait_for_mail
from tests.support.refusing import outcomes, refused
from tests.support.rooms import ROOM, Site
from tests.support.smtp_server import Received, SmtpServer
from tests.support.verifying import verify_action
from tests.support.waiting import wait_until

ENDED = ("sent", "failed", "unsure", "dropped")
# How long a mail server is waited for where the test's own answers nothing.
SILENCE = {"smtp_timeout_ms": 1_500}


@pytest.fixture(scope="module")
def running_smtp_server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def smtp_server(running_smtp_server: SmtpServer) -> SmtpServer:
    """A mail server in a good mood, that knows nothing of what earlier tests sent to it."""
    running_smtp_server.behave()
    running_smtp_server.forget()
    return running_smtp_server


async def dead_mails(site: Site) -> list[tuple[str, str]]:
    """The kind and status of what was given up."""
    return [(dead.mail.kind, dead.mail.status) for dead in await site.store.dead_mail.page(None, 50)]


def taken(server: SmtpServer) -> list[Received]:
    return [received for received in server.received if received.taken]


async def test_an_invitation_with_send_email_arrives_with_its_link(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site, mailer_of(site.services):
        made = await invite_by_mail(site)
        mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
        assert (mail.status, mail.tries, mail.error) == ("sent", 1, None)
        assert (await site.store.dead_mail.counts()).waiting == 0
    (received,) = smtp_server.received
    assert (received.sender, received.recipients) == ("rooms@example.org", ["ina@example.com"])
    assert made["link"] in received.message.get_body(("plain",)).get_content()
    assert made["link"] in received.message.get_body(("html",)).get_content()


async def test_without_send_email_nothing_is_mailed(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        made = await invite_by_mail(site, send_email=False)
        assert await mail_of(site, made["invitation_id"]) is None
        assert (await site.store.dead_mail.counts()).waiting == 0


CERTAINLY_NOT_SENT = [
    *[(step, "451 later") for step in ("connect", "mail", "rcpt", "data", "end")],
    *[(step, told) for step in ("connect", "mail", "rcpt") for told in ("drop", "hang")],
]


@pytest.mark.parametrize(("step", "told"), CERTAINLY_NOT_SENT)
async def test_what_could_not_be_sent_is_tried_again_and_arrives_once(smtp_server, step, told):
    async with open_mail_site(EMBEDDED_URL, smtp_server, mail_retry_s=(60, 60), **(SILENCE if told == "hang" else {})) as site:
        made = await invite_by_mail(site)
        smtp_server.behave(**{step: told})
        async with mailer_of(site.services):

            async def tried() -> bool:
                mail = await mail_of(site, made["invitation_id"])
                return mail is not None and mail.tries == 1

            await wait_until(tried, what="the first try")
            shown = await mail_of(site, made["invitation_id"])
            assert shown is not None
            assert shown.status == "queued"
            assert shown.error
            smtp_server.behave()
            site.store.scripts.skew_ms += 61_000
            mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
            assert (mail.status, mail.tries) == ("sent", 2)
    assert len(taken(smtp_server)) == 1


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "end"])
async def test_what_the_mail_server_refuses_for_good_has_failed_with_its_reason(store_url, smtp_server, step):
    smtp_server.behave(**{step: "550 no such user"})
    async with open_mail_site(store_url, smtp_server, mail_retry_s=(1, 1)) as site, mailer_of(site.services):
        made = await invite_by_mail(site)
        mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
        assert (mail.status, mail.error, mail.tries) == ("failed", "550 no such user", 1)
        assert await dead_mails(site) == [("invitation", "failed")]
    assert taken(smtp_server) == []


async def test_a_mail_server_that_wants_another_password_is_no_fault_of_the_mail(smtp_server):
    smtp_server.behave(mail="530 sign in first")
    async with open_mail_site(EMBEDDED_URL, smtp_server, mail_retry_s=(60,)) as site, mailer_of(site.services):
        made = await invite_by_mail(site)

        async def tried() -> bool:
            mail = await mail_of(site, made["invitation_id"])
            return mail is not None and mail.tries == 1

        await wait_until(tried)
        mail = await mail_of(site, made["invitation_id"])
        assert mail is not None
        assert (mail.status, mail.error) == ("queued", "530 sign in first")


async def test_after_the_last_pause_a_mail_is_given_up_and_can_be_sent_at_a_click(store_url, smtp_server):
    smtp_server.behave(rcpt="450 mailbox busy")
    async with open_mail_site(store_url, smtp_server, mail_retry_s=(1,)) as site, mailer_of(site.services):
        made = await invite_by_mail(site)
        mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
        assert (mail.status, mail.tries) == ("failed", 2)
        assert await dead_mails(site) == [("invitation", "failed")]
        smtp_server.behave()
        (dead,) = await site.store.dead_mail.page(None, 50)
        request = site.by(None)
        again = await mailing.retry_dead(site.services, request, dead.dead_id)
        assert await mailing.retry_dead(site.services, request, dead.dead_id) == again
        mail = await wait_for_mail(site, made["invitation_id"], "sent")
        assert mail.mail_id == again
        assert await dead_mails(site) == []
    assert len(taken(smtp_server)) == 1


async def test_a_newer_mail_takes_the_place_of_one_that_was_given_up(store_url, smtp_server):
    smtp_server.behave(rcpt="550 no such user")
    async with open_mail_site(store_url, smtp_server) as site, mailer_of(site.services):
        made = await invite_by_mail(site)
        await wait_for_mail(site, made["invitation_id"], "failed")
        (dead,) = await site.store.dead_mail.page(None, 50)
        smtp_server.behave()
        await mailing.send_again(site.services, site.by("boss"), made["invitation_id"])
        await wait_for_mail(site, made["invitation_id"], "sent")
        assert await dead_mails(site) == []
        with refused("mail_unknown"):
            await mailing.retry_dead(site.services, site.by(None), dead.dead_id)
    assert len(taken(smtp_server)) == 1


async def test_two_who_retry_the_same_dead_mail_at_once_on_two_nodes_send_it_once(store_url, smtp_server):
    smtp_server.behave(rcpt="550 no such user")
    async with open_mail_site(store_url, smtp_server) as site, mailer_of(site.services):
        other = await site.add_node()
        made = await invite_by_mail(site)
        await wait_for_mail(site, made["invitation_id"], "failed")
        (dead,) = await site.store.dead_mail.page(None, 50)
        smtp_server.behave()
        told = await outcomes(*(mailing.retry_dead(node, site.by(None), dead.dead_id) for node in (site.services, other)))
        assert told.count("mail_unknown") == 1
        await wait_for_mail(site, made["invitation_id"], "sent")
        await nothing_waits(site)
    assert len(taken(smtp_server)) == 1


@pytest.mark.parametrize("code", ["session_ended", "room_deleted"])
async def test_a_dead_mail_is_not_sent_for_a_session_that_is_over(store_url, smtp_server, code):
    smtp_server.behave(rcpt="550 no such user")
    async with open_mail_site(store_url, smtp_server) as site, mailer_of(site.services):
        made = await invite_by_mail(site)
        await wait_for_mail(site, made["invitation_id"], "failed")
        (dead,) = await site.store.dead_mail.page(None, 50)
        await (rooms.end_session if code == "session_ended" else rooms.delete_room)(site.services, site.by("boss"))
        with refused(code):
            await mailing.retry_dead(site.services, site.by(None), dead.dead_id)


@pytest.mark.parametrize(
    ("step", "told", "arrived"), [("end", "drop", 1), ("end", "hang", 1), ("data", "drop", 0), ("data", "hang", 0)]
)
async def test_a_mail_whose_answer_did_not_come_is_unsure_and_sent_again_only_at_a_click(
    store_url, smtp_server, step, told, arrived
):
    smtp_server.behave(**{step: told})
    async with open_mail_site(store_url, smtp_server, mail_retry_s=(1, 1), **SILENCE) as site, mailer_of(site.services):
        made = await invite_by_mail(site)
        await wait_for_mail(site, made["invitation_id"], "unsure")
        assert await dead_mails(site) == [("invitation", "unsure")]
        smtp_server.behave()
        # Another mail goes out meanwhile, and the first does not.
        other = await invite_by_mail(site, "otto")
        await wait_for_mail(site, other["invitation_id"], "sent")
        assert len(smtp_server.received) == arrived + 1
        site.store.scripts.skew_ms += 61_000
        await mailing.send_again(site.services, site.by("boss"), made["invitation_id"])
        await wait_for_mail(site, made["invitation_id"], "sent")
    assert len(smtp_server.received) == arrived + 2


async def test_a_connection_that_the_server_ended_after_its_yes_is_made_anew(smtp_server):
    smtp_server.behave(end="250 drop")
    async with open_mail_site(EMBEDDED_URL, smtp_server, mail_workers=1) as site, mailer_of(site.services) as mailer:

        def has_ended() -> bool:
            return not any(one.is_reusable for one in mailer._connections._idle)

        for name in ("ina", "otto", "vera"):
            made = await invite_by_mail(site, name)
            await wait_for_mail(site, made["invitation_id"], "sent")
            await wait_until(has_ended, what="the end of the connection")
    assert [one.recipients[0] for one in smtp_server.received] == ["ina@example.com", "otto@example.com", "vera@example.com"]


@pytest.mark.parametrize("told", ["drop", "421 too many"])
async def test_a_server_that_wants_no_further_mail_on_a_connection_gets_it_on_another_at_once(smtp_server, told):
    smtp_server.behave(again=told)
    before = smtp_server.connections
    async with open_mail_site(EMBEDDED_URL, smtp_server, mail_workers=1) as site, mailer_of(site.services):
        for name in ("ina", "otto"):
            made = await invite_by_mail(site, name)
            mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
            assert (mail.status, mail.tries) == ("sent", 1)
    assert len(smtp_server.received) == 2
    assert smtp_server.connections - before == 2


@pytest.mark.parametrize("told", ["drop", "421 too many"])
async def test_a_server_that_does_not_forget_a_refused_mail_gets_the_next_on_another_connection(smtp_server, told):
    smtp_server.behave(rcpt="550 no such user", rset=told)
    async with open_mail_site(EMBEDDED_URL, smtp_server, mail_workers=1) as site, mailer_of(site.services):
        made = await invite_by_mail(site)
        await wait_for_mail(site, made["invitation_id"], "failed")
        smtp_server.behave(rset=told)
        made = await invite_by_mail(site, "otto")
        mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
        assert (mail.status, mail.tries) == ("sent", 1)


async def test_one_connection_carries_many_mails_also_after_a_refusal(smtp_server):
    async with open_mail_site(EMBEDDED_URL, smtp_server, mail_workers=1) as site:
        made = [await invite_by_mail(site, f"guest{number}") for number in range(5)]
        before = smtp_server.connections
        async with mailer_of(site.services):
            for one in made:
                await wait_for_mail(site, one["invitation_id"], "sent")
            smtp_server.behave(rcpt="550 no")
            refused_one = await invite_by_mail(site, "ruth")
            await wait_for_mail(site, refused_one["invitation_id"], "failed")
            smtp_server.behave()
            later = await invite_by_mail(site, "lara")
            await wait_for_mail(site, later["invitation_id"], "sent")
        assert smtp_server.connections - before == 1
    assert len(smtp_server.received) == 6


async def test_a_hundred_mails_on_two_nodes_arrive_once_each(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        other = await site.add_node()
        made = [await invite_by_mail(site, f"guest{number}") for number in range(100)]
        async with mailer_of(site.services), mailer_of(other):
            for one in made:
                await wait_for_mail(site, one["invitation_id"], "sent", timeout_s=30)
    recipients = [received.recipients for received in smtp_server.received]
    assert sorted(recipients) == sorted([f"guest{number}@example.com"] for number in range(100))


async def test_a_link_that_was_withdrawn_meanwhile_is_not_mailed(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        made = await invite_by_mail(site)
        await invitations.revoke(site.services, site.by("boss"), made["invitation_id"], remove_person=False)
        async with mailer_of(site.services):
            mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
        assert mail.status == "dropped"
        assert await dead_mails(site) == []
    assert smtp_server.received == []


async def test_nothing_is_mailed_for_a_session_that_is_over(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        made = await invite_by_mail(site)
        contents = await site.contents()
        contents.room.phase = Phase.ENDED
        await site.store.rooms.put(contents.room, what="ended", by=None, seen={}, request_id=None)
        async with mailer_of(site.services):
            mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
        assert mail.status == "dropped"
    assert smtp_server.received == []


async def test_a_mail_about_a_room_that_is_no_more_is_forgotten(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        await invite_by_mail(site)
        for key in await site.store.redis.keys("*:room:*"):
            await site.store.redis.delete(key)
        async with mailer_of(site.services):

            async def forgotten() -> bool:
                return (await site.store.dead_mail.counts()).waiting == 0

            await wait_until(forgotten)
        assert await dead_mails(site) == []
    assert smtp_server.received == []


async def test_a_revocation_between_the_taking_and_the_sending_is_heeded(store_url, smtp_server):
    reached, go_on = asyncio.Event(), asyncio.Event()

    class Slow(MailSending):
        async def begin_sending(self, taken):
            reached.set()
            await go_on.wait()
            return await super().begin_sending(taken)

    async with open_mail_site(store_url, smtp_server) as site, mailer_of(site.services, Slow):
        made = await invite_by_mail(site)
        await reached.wait()
        await invitations.revoke(site.services, site.by("boss"), made["invitation_id"], remove_person=False)
        go_on.set()
        mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
        assert mail.status == "dropped"
    assert smtp_server.received == []


async def test_whoever_stood_still_too_long_finds_the_mail_sent_by_another(store_url, smtp_server):
    reached, go_on = asyncio.Event(), asyncio.Event()
    given: list[bool] = []

    class Slow(MailSending):
        async def begin_sending(self, taken):
            reached.set()
            await go_on.wait()
            given.append(await super().begin_sending(taken))
            return given[-1]

    async with open_mail_site(store_url, smtp_server, **TAKEN_UP_SOON) as site:
        other = await site.add_node()
        async with mailer_of(site.services, Slow):
            made = await invite_by_mail(site)
            await reached.wait()
            async with mailer_of(other):
                await wait_for_mail(site, made["invitation_id"], "sent")
            go_on.set()
            await wait_until(lambda: given)
        assert given == [False]
    assert len(smtp_server.received) == 1


async def test_a_slow_sender_is_called_unsure_and_put_right_by_its_own_word(store_url, smtp_server):
    reached, go_on = asyncio.Event(), asyncio.Event()

    class Slow(MailSending):
        async def transmit(self, letter):
            reached.set()
            await go_on.wait()
            await super().transmit(letter)

    async with open_mail_site(store_url, smtp_server, **TAKEN_UP_SOON) as site:
        other = await site.add_node()
        async with mailer_of(site.services, Slow):
            made = await invite_by_mail(site)
            await reached.wait()
            async with mailer_of(other):
                await wait_for_mail(site, made["invitation_id"], "unsure")
            assert smtp_server.received == []
            go_on.set()
            await wait_for_mail(site, made["invitation_id"], "sent")
            assert await dead_mails(site) == []
    assert len(smtp_server.received) == 1


async def test_stopping_lets_the_mail_in_hand_be_finished(store_url, smtp_server):
    reached, go_on = asyncio.Event(), asyncio.Event()

    class Slow(MailSending):
        async def transmit(self, letter):
            reached.set()
            await go_on.wait()
            await super().transmit(letter)

    async with open_mail_site(store_url, smtp_server) as site:
        made = await invite_by_mail(site)
        async with mailer_of(site.services, Slow):
            await reached.wait()
            asyncio.get_running_loop().call_later(0.05, go_on.set)
        mail = await mail_of(site, made["invitation_id"])
        assert mail is not None
        assert mail.status == "sent"


async def test_stopping_leaves_what_was_not_begun_to_another_at_once(store_url, smtp_server, monkeypatch):
    monkeypatch.setattr(mailing_off, "FINISH_S", 0.05)
    reached, never = asyncio.Event(), asyncio.Event()

    class Slow(MailSending):
        async def connect(self):
            reached.set()
            await never.wait()

    async with open_mail_site(store_url, smtp_server, mail_claim_ms=60_000, mail_workers=1) as site:
        made = [await invite_by_mail(site, name) for name in ("ina", "otto", "vera")]
        mailer = Mailer(site.services, site.services.sends_mail(), Slow)
        await site.store.mail.open()
        mailer._next.extend(await site.store.mail.read(100))
        assert len(mailer._next) == 3
        await mailer.step()
        await reached.wait()
        await mailer.close()
        async with mailer_of(await site.add_node()):
            for one in made[1:]:
                await wait_for_mail(site, one["invitation_id"], "sent")


async def test_a_call_for_hosts_arrives_though_no_invitation_shows_it(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site, mailer_of(site.services):
        await site.close_tab("boss")
        await site.store.mail.queue(ROOM, MailKind.HOSTS_WANTED, participant_id=site.ids["boss"], counter=3)
        await wait_until(lambda: smtp_server.received)
        assert smtp_server.received[0].recipients == ["boss@example.com"]
        assert "3 people are waiting to be let in" in smtp_server.received[0].message.get_body(("plain",)).get_content()


async def nothing_waits(site: Site) -> None:
    async def forgotten() -> bool:
        return (await site.store.dead_mail.counts()).waiting == 0

    await wait_until(forgotten, what="an empty queue")


async def test_hosts_are_not_called_when_one_is_there_by_now(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        await site.store.mail.queue(ROOM, MailKind.HOSTS_WANTED, participant_id=site.ids["boss"], counter=3)
        async with mailer_of(site.services):
            await nothing_waits(site)
    assert smtp_server.received == []


async def test_a_host_who_was_put_out_is_not_called(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        await site.arrive("mo", Role.MODERATOR)
        await sanctions.remove(site.services, site.by("boss"), site.ids["mo"])
        await site.close_tab("boss")
        await site.store.mail.queue(ROOM, MailKind.HOSTS_WANTED, participant_id=site.ids["mo"], counter=3)
        async with mailer_of(site.services):
            await nothing_waits(site)
    assert smtp_server.received == []


async def test_a_link_that_has_expired_meanwhile_is_not_mailed(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        made = await invite_by_mail(site)
        site.store.scripts.skew_ms += 40 * 86_400_000
        async with mailer_of(site.services):
            mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
        assert (mail.status, mail.error) == ("failed", "The link has expired.")
    assert smtp_server.received == []


async def test_a_mail_whose_links_key_was_retired_has_failed_and_a_code_is_mailed_all_the_same(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        made = await invite_by_mail(site)
        await site.store.mail.queue(ROOM, MailKind.CODE, invitation_id=made["invitation_id"], counter=1)
        newer_keys = Keyring({"new": Secret("0123456789abcdef" * 2)})
        later = replace(site.services, links=LinkSecrets(newer_keys, site.services.settings.public_url))
        invitation = (await site.contents()).invitations[made["invitation_id"]]
        async with mailer_of(later):
            mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
            await nothing_waits(site)
        assert (mail.status, mail.error) == ("failed", "The key of this link was retired.")
        assert await dead_mails(site) == [("invitation", "failed")]
    (received,) = smtp_server.received
    assert later.links.code_for(ROOM, invitation, 1) in received.message["Subject"]


async def test_what_came_too_late_is_not_mailed(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        good_until_ms = await site.now_ms() + 1_000
        await site.store.mail.queue(
            ROOM, MailKind.HOSTS_WANTED, participant_id=site.ids["boss"], good_until_ms=good_until_ms
        )
        site.store.scripts.skew_ms += 2_000
        async with mailer_of(site.services):
            await nothing_waits(site)
    assert smtp_server.received == []


async def test_a_template_that_fails_for_one_mail_stops_no_other(store_url, smtp_server, tmp_path):
    folder = tmp_path / "invitation" / "en"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("{TITLE}")
    (folder / "body.html").write_text("<p>{URL}</p>")
    (folder / "body.txt").write_text("{{ 1 // (FIRSTNAME != 'Ina') }} {URL}")
    async with open_mail_site(store_url, smtp_server, mail_templates=str(tmp_path)) as site, mailer_of(site.services):
        broken = await invite_by_mail(site)
        whole = await invite_by_mail(site, "otto")
        mail = await wait_for_mail(site, broken["invitation_id"], "failed")
        assert mail.error
        assert "invitation/en" in mail.error
        await wait_for_mail(site, whole["invitation_id"], "sent")
        assert await dead_mails(site) == [("invitation", "failed")]
    assert len(smtp_server.received) == 1


async def test_a_template_that_fails_shows_nothing_of_the_link(store_url, smtp_server, tmp_path):
    folder = tmp_path / "invitation" / "en"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("{TITLE}")
    (folder / "body.html").write_text("<p>{URL}</p>")
    (folder / "body.txt").write_text("{% if FIRSTNAME == 'Ina' %}{{ {}[URL] }}{% endif %}x")
    async with open_mail_site(store_url, smtp_server, mail_templates=str(tmp_path)) as site, mailer_of(site.services):
        made = await invite_by_mail(site)
        mail = await wait_for_mail(site, made["invitation_id"], "failed")
        assert made["link"].partition("#")[2] not in (mail.error or "")


async def test_a_code_is_not_in_the_reason_of_its_failure(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        made = await invite_by_mail(site, send_email=False)
        invitation = (await site.contents()).invitations[made["invitation_id"]]
        code = site.services.links.code_for(ROOM, invitation, 7)
        smtp_server.behave(end=f"554 spam: {code} is your code")
        await site.store.mail.queue(ROOM, MailKind.CODE, invitation_id=made["invitation_id"], counter=7)
        async with mailer_of(site.services):
            await nothing_waits(site)
        (dead,) = await site.store.dead_mail.page(None, 50)
        assert dead.error.startswith("554 spam")
        assert code not in dead.error


async def test_what_a_mail_server_says_to_a_refused_sign_in_is_not_repeated(smtp_server):
    with SmtpServer(sign_in=True) as server:
        wrong = Secret(server.url.replace("p%3A", "q%3A"))
        async with open_mail_site(EMBEDDED_URL, server, smtp_url=wrong) as site, mailer_of(site.services):
            made = await invite_by_mail(site)
            mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
            assert (mail.status, mail.error) == ("failed", "535 The mail server refused the sign-in.")


async def test_while_the_mail_server_is_away_one_mail_at_a_time_finds_out_and_the_others_keep_their_order(smtp_server):
    smtp_server.behave(connect="drop")
    async with open_mail_site(EMBEDDED_URL, smtp_server, mail_workers=4) as site:
        made = [await invite_by_mail(site, f"guest{number}") for number in range(10)]
        mailer = Mailer(site.services, site.services.sends_mail())

        async def waiting_after(steps: int) -> int:
            for _ in range(steps):
                await mailer.step()
            return (await site.store.dead_mail.counts()).waiting

        await mailer.step()
        await wait_for_mail(site, made[0]["invitation_id"], "failed")
        assert await waiting_after(3) == 9
        mailer._connections._rest_until_s = 0
        assert await waiting_after(3) == 8
        mailer._connections._rest_until_s = 0
        smtp_server.behave()
        while await waiting_after(1):
            pass
        await mailer.close()
    came = [int(one.recipients[0].partition("@")[0].removeprefix("guest")) for one in smtp_server.received]
    assert sorted(came) == list(range(2, 10))
    assert came[0] == 2  # alone; from then on four at once


async def test_the_reason_that_is_shown_holds_neither_the_links_secret_nor_the_address(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        made = await invite_by_mail(site)
        secret = made["link"].partition("#")[2]
        smtp_server.behave(end=f"554 <ina@example.com> spam: {made['link']} \u0007")
        async with mailer_of(site.services):
            mail = await wait_for_mail(site, made["invitation_id"], "failed")
        assert mail.error
        assert mail.error.startswith("554")
        assert secret not in mail.error
        assert "ina@example.com" not in mail.error
        assert mail.error.isprintable()


async def test_nothing_in_the_store_opens_the_link(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site:
        made = await invite_by_mail(site)
        secret = made["link"].partition("#")[2].encode()
        dumped = b"".join([await site.store.redis.dump(key) or b"" for key in await site.store.redis.keys("*")])
        assert b"ina@example.com" in dumped
        assert secret not in dumped


async def test_a_mail_is_asked_for_once_a_minute(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site, mailer_of(site.services):
        made = await invite_by_mail(site)
        await wait_for_mail(site, made["invitation_id"], "sent")
        with refused("mail_too_soon"):
            await mailing.send_again(site.services, site.by("boss"), made["invitation_id"])
        site.store.scripts.skew_ms += 61_000
        await mailing.send_again(site.services, site.by("boss"), made["invitation_id"])
        await wait_for_mail(site, made["invitation_id"], "sent")
    links = {received.message.get_body(("plain",)).get_content().split("#")[1].split()[0] for received in smtp_server.received}
    assert (len(smtp_server.received), len(links)) == (2, 1)


async def test_a_newer_mail_takes_the_place_of_one_that_waits_to_be_tried_again(store_url, smtp_server):
    smtp_server.behave(rcpt="450 later")
    async with open_mail_site(store_url, smtp_server, mail_retry_s=(120,)) as site, mailer_of(site.services):
        made = await invite_by_mail(site)

        async def tried() -> bool:
            mail = await mail_of(site, made["invitation_id"])
            return mail is not None and mail.tries == 1

        await wait_until(tried)
        smtp_server.behave()
        site.store.scripts.skew_ms += 61_000
        await mailing.send_again(site.services, site.by("boss"), made["invitation_id"])
        await wait_for_mail(site, made["invitation_id"], "sent")
        assert (await site.store.dead_mail.counts()).waiting == 0
        site.store.scripts.skew_ms += 121_000
        other = await invite_by_mail(site, "otto")
        await wait_for_mail(site, other["invitation_id"], "sent")
    assert len(smtp_server.received) == 2


async def test_a_mail_that_is_being_sent_is_not_sent_a_second_time_by_a_click(store_url, smtp_server):
    reached, go_on = asyncio.Event(), asyncio.Event()

    class Slow(MailSending):
        async def transmit(self, letter):
            reached.set()
            await go_on.wait()
            await super().transmit(letter)

    async with open_mail_site(store_url, smtp_server, mail_claim_ms=60_000) as site, mailer_of(site.services, Slow):
        made = await invite_by_mail(site)
        await reached.wait()
        site.store.scripts.skew_ms += 61_000
        with refused("mail_too_soon"):
            await mailing.send_again(site.services, site.by("boss"), made["invitation_id"])
        go_on.set()
        await wait_for_mail(site, made["invitation_id"], "sent")
    assert len(smtp_server.received) == 1


async def test_managers_hear_of_the_mail_and_nobody_else_does(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server) as site, mailer_of(site.services):
        async with verify_action(site) as caused:
            made = await invite_by_mail(site)
            await wait_for_mail(site, made["invitation_id"], "sent")
        assert [event.what for event in caused.events] == ["created", "mail"]
        assert caused.told(Audience.MANAGERS) == ["invitation.changed", "invitation.changed"]
        assert caused.told(Audience.STAFF) == caused.told(Audience.INSIDE) == []


async def test_a_full_queue_refuses_the_invitation_whole(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server, max_mails_queued=2) as site:
        for name in ("ina", "otto"):
            await invite_by_mail(site, name)
        with refused("mail_queue_full"):
            await invite_by_mail(site, "vera")
        assert len((await site.contents()).invitations) == 2
        await invite_by_mail(site, "vera", send_email=False)


async def test_without_a_mail_server_the_option_does_not_exist(store_url, smtp_server):
    async with open_mail_site(store_url, smtp_server, smtp_url=None) as site:
        with refused("email_not_configured"):
            await invite_by_mail(site)
        made = await invite_by_mail(site, send_email=False)
        with refused("email_not_configured"):
            await mailing.send_again(site.services, site.by("boss"), made["invitation_id"])
        assert (await site.store.dead_mail.counts()).waiting == 0


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
async def test_mail_goes_signed_in_and_over_tls_where_the_address_says_so(security):
    with SmtpServer(security=security, sign_in=True) as server:
        async with open_mail_site(EMBEDDED_URL, server) as site, mailer_of(site.services):
            made = await invite_by_mail(site)
            await wait_for_mail(site, made["invitation_id"], "sent")
        (received,) = server.received
        assert received.signed_in
        assert received.in_tls is (security != "none")


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_server_with_a_strange_certificate_gets_nothing(security):
    with SmtpServer(security=security, sign_in=True) as server:
        async with open_mail_site(EMBEDDED_URL, server, smtp_ca_file="") as site, mailer_of(site.services):
            made = await invite_by_mail(site)
            mail = await wait_for_mail(site, made["invitation_id"], *ENDED)
            assert mail.status == "failed"
            assert "certificate" in (mail.error or "").lower()
        assert server.received == []

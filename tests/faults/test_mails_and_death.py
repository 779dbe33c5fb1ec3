"""Mailers, the store and mail servers that are killed between any two steps of a sending: what arrives, counted at the mail
server, is one of each mail; and none or one only where nobody can know, which then shows as unsure."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.background.mail_sending import STEPS
from tests.support.mailing import invite_by_mail, mail_of, open_mail_site, wait_for_mail
from tests.support.nodes import ROOT
from tests.support.process import Process
from tests.support.redis_server import RedisServer
from tests.support.rooms import ENVIRON
from tests.support.smtp_server import SmtpServer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.faults

# Every moment between two steps, and what has arrived by then and what is to become of the mail.
MOMENTS = [
    ("before", "take", "sent", 1),
    *[("after", step, "sent", 1) for step in ("take", "write", "connect", "address")],
    ("after", "begin_sending", "unsure", 0),
    ("after", "transmit", "unsure", 1),
    ("after", "store_outcome", "sent", 1),
]


def test_every_step_has_its_moment():
    assert [step for when, step, _, _ in MOMENTS if when == "after"] == list(STEPS)


@pytest.fixture(scope="module")
def running_smtp_server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def smtp_server(running_smtp_server: SmtpServer) -> SmtpServer:
    running_smtp_server.behave()
    running_smtp_server.forget()
    return running_smtp_server


@pytest.fixture
def lasting_redis() -> Iterator[RedisServer]:
    """A store that keeps what it has answered, whatever becomes of it."""
    with RedisServer(appendonly=True) as server:
        yield server


@contextmanager
def worker(
    redis: RedisServer, smtp: SmtpServer, directory: Path, when: str = "never", step: str = "-"
) -> Iterator[Process]:
    """A mailer in a process of its own."""
    env = {
        **ENVIRON, "REDIS_URL": redis.url, "SMTP_URL": smtp.url, "MAIL_CLAIM_MS": "1500", "SMTP_TIMEOUT_MS": "500",
        "MAIL_RETRY_S": "1", "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "tests.support.mail_worker", when, step]
    process = Process(command, log_path=directory / f"worker-{when}-{step}.log", env=env, cwd=ROOT)
    process.start()
    try:
        yield process
    finally:
        process.kill()


@pytest.mark.parametrize("store_dies", [False, True], ids=["store lives", "store is killed too"])
@pytest.mark.parametrize(("when", "step", "status", "arrived"), MOMENTS)
async def test_a_mailer_killed_between_two_steps_costs_no_mail_and_doubles_none(
    lasting_redis, smtp_server, tmp_path, when, step, status, arrived, store_dies
):
    async with open_mail_site(lasting_redis.url, smtp_server) as site:
        made = await invite_by_mail(site)
        with worker(lasting_redis, smtp_server, tmp_path, when, step) as dying:
            await wait_until(lambda: not dying.is_running, timeout_s=20, what="the mailer's death")
            assert f"dies {when} {step}" in dying.output()
        if store_dies:
            lasting_redis.kill()
            lasting_redis.restart()
        with worker(lasting_redis, smtp_server, tmp_path):
            mail = await wait_for_mail(site, made["invitation_id"], "sent", "failed", "unsure", "dropped", timeout_s=20)
            assert mail.status == status
            # What comes after it in the queue has been dealt with as well: nothing of the first is left to be sent.
            other = await invite_by_mail(site, "otto")
            await wait_for_mail(site, other["invitation_id"], "sent", timeout_s=20)
            assert (await site.store.dead_mail.counts()).waiting == 0
        assert len(smtp_server.received) == arrived + 1


async def test_the_store_dies_while_a_message_is_on_its_way_and_the_outcome_is_stored_when_it_is_back(
    lasting_redis, smtp_server, tmp_path
):
    async with open_mail_site(lasting_redis.url, smtp_server) as site:
        made = await invite_by_mail(site)
        smtp_server.behave(end="slow")
        with worker(lasting_redis, smtp_server, tmp_path):
            await wait_until(lambda: smtp_server.received, timeout_s=20)
            lasting_redis.kill()
            lasting_redis.restart()
            mail = await wait_for_mail(site, made["invitation_id"], "sent", "failed", "unsure", timeout_s=20)
            assert mail.status == "sent"
        assert len(smtp_server.received) == 1


async def test_a_mail_server_that_dies_and_returns_gets_every_mail_once(lasting_redis, smtp_server, tmp_path):
    async with open_mail_site(lasting_redis.url, smtp_server) as site:
        smtp_server.kill()
        made = [await invite_by_mail(site, f"guest{number}") for number in range(10)]
        with worker(lasting_redis, smtp_server, tmp_path):

            async def tried() -> bool:
                mail = await mail_of(site, made[0]["invitation_id"])
                return mail is not None and mail.tries == 1

            await wait_until(tried, timeout_s=20)
            smtp_server.start()
            for one in made:
                await wait_for_mail(site, one["invitation_id"], "sent", timeout_s=20)
        assert sorted(one.recipients[0] for one in smtp_server.received) == [f"guest{n}@example.com" for n in range(10)]


async def test_mailers_that_are_killed_again_and_again_send_each_mail_at_most_once(lasting_redis, smtp_server, tmp_path):
    async with open_mail_site(lasting_redis.url, smtp_server) as site:
        made = [await invite_by_mail(site, f"guest{number}") for number in range(30)]
        for round_number in range(4):
            with worker(lasting_redis, smtp_server, tmp_path):
                least = min(30, (round_number + 1) * 5)
                await wait_until(lambda least=least: len(smtp_server.received) >= least, timeout_s=20)
        with worker(lasting_redis, smtp_server, tmp_path):
            mails = [await wait_for_mail(site, one["invitation_id"], "sent", "unsure", timeout_s=30) for one in made]
        came = [one.recipients[0] for one in smtp_server.received]
        assert len(came) == len(set(came))
        for number, mail in enumerate(mails):
            assert mail.status == "unsure" or f"guest{number}@example.com" in came

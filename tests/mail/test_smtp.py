"""The way to the mail server: how long it is left alone when it cannot be reached."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from server.mail import smtp
from server.mail.smtp import Connections, MailDelayed, read_mail_server
from server.settings import Secret
from tests.support.ports import free_port


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    clock = SimpleNamespace(now_s=1_000.0)
    monkeypatch.setattr(smtp, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    return clock


def connections_to_nobody() -> Connections:
    server = read_mail_server(Secret(f"smtp://127.0.0.1:{free_port()}"), ca_file="", timeout_s=5)
    return Connections(server, "rooms.example.com")


async def test_a_mail_server_that_cannot_be_reached_is_left_alone_longer_each_time(clock):
    connections, rests_s = connections_to_nobody(), []
    for _ in range(9):
        with pytest.raises(MailDelayed):
            await connections.connected()
        rests_s.append(connections.rest_s())
        clock.now_s += rests_s[-1]
        assert connections.rest_s() == 0
        assert connections.is_troubled
    assert rests_s == [1, 2, 4, 8, 15, 30, 60, 60, 60]


async def test_several_who_find_out_at_once_are_one_failure(clock):
    connections = connections_to_nobody()
    await asyncio.gather(*(connections.connected() for _ in range(4)), return_exceptions=True)
    assert connections.rest_s() == 1

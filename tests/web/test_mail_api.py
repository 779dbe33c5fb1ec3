"""E-mail over HTTP: mailing a link again, the queue, what was given up, trying the settings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from client_sim.http_request import Answer
from tests.support.nodes import CALM, Cluster, Node
from tests.support.smtp_server import SmtpServer
from tests.support.waiting import wait_until
from tests.web.asking import API_KEY, EMAIL, ask, check_problem, make_invited

MAIL = {"SMTP_TIMEOUT_MS": "1000", "MAIL_CLAIM_MS": "3000", "MAIL_RETRY_S": "1", "MAIL_FROM": "Rooms <rooms@example.org>"}


@pytest.fixture(scope="module")
def running_smtp_server() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        yield server


@pytest.fixture
def smtp_server(running_smtp_server: SmtpServer) -> SmtpServer:
    running_smtp_server.behave()
    running_smtp_server.forget()
    return running_smtp_server


@pytest.fixture(scope="module")
def mail_node(running_smtp_server: SmtpServer) -> Iterator[Node]:
    """A node that sends e-mail."""
    cluster = Cluster(**CALM, **MAIL, SMTP_URL=running_smtp_server.url)
    try:
        yield asyncio.run(cluster.add_node())
    finally:
        asyncio.run(cluster.__aexit__(None, None, None))


async def call(node: Node, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    return await ask(node, method, path, body, key=API_KEY, headers={k.replace("_", "-"): v for k, v in headers.items()})


async def value_of(node: Node, method: str, path: str, body: Any = None) -> Any:
    answer = await call(node, method, path, body)
    assert answer.status < 300, answer.body
    return json.loads(answer.body)


async def invite_by_mail(node: Node, room_id: str, email: str = "otto@example.com", **fields: Any) -> dict[str, Any]:
    body = {"email": email, "first_name": "Otto", "last_name": "Ode", "role": "viewer", "send_email": True, **fields}
    made: dict[str, Any] = await value_of(node, "POST", f"/v1/rooms/{room_id}/invitations", body)
    return made


async def mail_of(node: Node, room_id: str, invitation_id: str) -> dict[str, Any] | None:
    shown = (await value_of(node, "GET", f"/v1/rooms/{room_id}/invitations"))["invitations"]
    mail: dict[str, Any] | None = next(one for one in shown if one["invitation_id"] == invitation_id)["mail"]
    return mail


async def wait_for(node: Node, room_id: str, invitation_id: str, status: str) -> dict[str, Any]:
    async def shown() -> dict[str, Any] | None:
        mail = await mail_of(node, room_id, invitation_id)
        return mail if mail and mail["status"] == status else None

    found = await wait_until(shown, timeout_s=15)
    assert found is not None
    return found


async def test_an_invitation_is_mailed_in_the_language_that_was_asked_for(mail_node, smtp_server):
    invited = await make_invited(mail_node)
    made = await invite_by_mail(mail_node, invited.room_id, language="de-AT")
    await wait_for(mail_node, invited.room_id, made["invitation_id"], "sent")
    (received,) = smtp_server.received
    assert received.message["Subject"] == "Einladung: Chemistry"
    assert made["link"] in received.message.get_body(("plain",)).get_content()


async def test_a_link_is_mailed_once_a_minute_and_the_same_request_is_one_mail(mail_node, smtp_server):
    invited = await make_invited(mail_node)
    path = f"/v1/rooms/{invited.room_id}/invitations/{invited.invitation_id}/send"
    first = await call(mail_node, "POST", path, {}, Idempotency_Key="once")
    again = await call(mail_node, "POST", path, {}, Idempotency_Key="once")
    assert first.status == again.status == 202
    assert first.body == again.body
    await wait_for(mail_node, invited.room_id, invited.invitation_id, "sent")
    said = check_problem(await call(mail_node, "POST", path, {}), 429, "mail_too_soon")
    assert 0 < said["retry_after_ms"] <= 60_000
    assert len(smtp_server.received) == 1


async def test_what_was_given_up_is_listed_and_sent_once_more_at_a_click(mail_node, smtp_server):
    smtp_server.behave(rcpt="550 no such user")
    invited = await make_invited(mail_node)
    names = [f"guest{number}@example.com" for number in range(3)]
    made = [await invite_by_mail(mail_node, invited.room_id, email) for email in names]
    for one in made:
        mail = await wait_for(mail_node, invited.room_id, one["invitation_id"], "failed")
        assert mail["error"] == "550 no such user"
    assert (await value_of(mail_node, "GET", "/v1/mail"))["dead"] >= 3
    page = await value_of(mail_node, "GET", "/v1/mail/dead?limit=2")
    rest = await value_of(mail_node, "GET", f"/v1/mail/dead?limit=2&cursor={page['next_cursor']}")
    dead = [*page["mails"], *rest["mails"]]
    assert len(page["mails"]) == 2
    assert {one["invitation_id"] for one in dead} == {one["invitation_id"] for one in made}
    assert rest["next_cursor"] is None
    assert not any(name in json.dumps(dead) for name in names)
    smtp_server.behave()
    for one in dead:
        await value_of(mail_node, "POST", f"/v1/mail/dead/{one['dead_id']}/retry", {})
    for one in made:
        await wait_for(mail_node, invited.room_id, one["invitation_id"], "sent")
    again = await call(mail_node, "POST", f"/v1/mail/dead/{dead[0]['dead_id']}/retry", {})
    check_problem(again, 404, "mail_unknown")
    listed = (await value_of(mail_node, "GET", "/v1/mail/dead"))["mails"]
    assert not any(one["room_id"] == invited.room_id for one in listed)


async def test_what_was_given_up_for_a_link_that_is_withdrawn_is_not_sent(mail_node, smtp_server):
    smtp_server.behave(rcpt="550 no such user")
    invited = await make_invited(mail_node)
    made = await invite_by_mail(mail_node, invited.room_id)
    await wait_for(mail_node, invited.room_id, made["invitation_id"], "failed")
    path = f"/v1/rooms/{invited.room_id}/invitations/{made['invitation_id']}"
    await value_of(mail_node, "POST", f"{path}/revoke", {})
    listed = (await value_of(mail_node, "GET", "/v1/mail/dead"))["mails"]
    (dead,) = [one for one in listed if one["room_id"] == invited.room_id]
    check_problem(await call(mail_node, "POST", f"/v1/mail/dead/{dead['dead_id']}/retry", {}), 409, "invitation_closed")
    check_problem(await call(mail_node, "POST", f"{path}/send", {}), 409, "invitation_closed")


@pytest.mark.parametrize("dead_id", ["1", "x.y", "1-1.no-such-room", "9999999999999-1.r", "-.r", "1-1.%2F"])
async def test_what_never_died_is_unknown(mail_node, dead_id):
    answer = await call(mail_node, "POST", f"/v1/mail/dead/{dead_id}/retry", {})
    assert answer.status == 404
    assert json.loads(answer.body)["code"] in ("mail_unknown", "path_unknown")


@pytest.mark.parametrize("cursor", ["x", "IjEi", "e30"])
async def test_a_cursor_that_was_not_given_out_is_refused(mail_node, cursor):
    check_problem(await call(mail_node, "GET", f"/v1/mail/dead?cursor={cursor}"), 400, "bad_message")


async def test_the_settings_can_be_tried(mail_node, smtp_server):
    await value_of(mail_node, "POST", "/v1/mail/test", {"email": EMAIL})
    (received,) = smtp_server.received
    assert received.recipients == [EMAIL]
    smtp_server.behave(end="554 spam")
    answer = await call(mail_node, "POST", "/v1/mail/test", {"email": EMAIL, "kind": "invitation", "language": "de"})
    assert "554 spam" in check_problem(answer, 502, "mail_not_sent")["detail"]


async def test_the_same_try_of_the_settings_again_is_one_mail_and_one_that_failed_is_tried_again(mail_node, smtp_server):
    async def try_settings(key: str) -> Answer:
        return await call(mail_node, "POST", "/v1/mail/test", {"email": EMAIL}, Idempotency_Key=key)

    first, again = await try_settings("try-1"), await try_settings("try-1")
    assert (first.status, again.body) == (200, first.body)
    assert len(smtp_server.received) == 1
    smtp_server.behave(end="554 spam")
    check_problem(await try_settings("try-2"), 502, "mail_not_sent")
    smtp_server.behave()
    assert (await try_settings("try-2")).status == 200


async def test_a_mail_can_be_read_before_it_is_sent(mail_node, smtp_server):
    shown = await value_of(mail_node, "POST", "/v1/mail/preview", {"kind": "code", "language": "de"})
    assert shown["subject"] == "123456 ist Ihr Code für Chemistry, first lesson"
    assert "123456" in shown["html"]
    assert "123456" in shown["text"]
    assert smtp_server.received == []


async def test_a_preview_says_in_which_language_it_is(mail_node):
    for wished, given in (("de-AT", "de"), ("fr", "en"), (None, "en")):
        shown = await value_of(mail_node, "POST", "/v1/mail/preview", {"kind": "invitation", "language": wished})
        assert shown["language"] == given


async def test_every_template_that_is_listed_can_be_read_and_mailed_to_oneself(mail_node, smtp_server):
    templates = (await value_of(mail_node, "GET", "/v1/mail/templates"))["templates"]
    assert {row["kind"] for row in templates} == {"invitation", "reminder", "code", "hosts_wanted", "test"}
    assert all(row["languages"] == ["en", "de"] and not row["own"] for row in templates)
    assert "CODE" in next(row for row in templates if row["kind"] == "code")["placeholders"]
    shown = {}
    for row in templates:
        for language in row["languages"]:
            asked = {"kind": row["kind"], "language": language}
            shown[row["kind"], language] = (await value_of(mail_node, "POST", "/v1/mail/preview", asked))["subject"]
            await value_of(mail_node, "POST", "/v1/mail/test", {**asked, "email": "ops@example.org"})
    assert len(set(shown.values())) == len(shown) == len(smtp_server.received)


async def test_how_mail_is_doing_can_be_asked(mail_node, embedded_node):
    said = await value_of(mail_node, "GET", "/v1/mail")
    assert (said["configured"], said["sender"], said["languages"]) == (True, "Rooms <rooms@example.org>", ["en", "de"])
    said = await value_of(embedded_node, "GET", "/v1/mail")
    assert (said["configured"], said["sender"], said["languages"]) == (False, None, [])


async def test_a_site_without_a_mail_server_says_so_everywhere(embedded_node):
    invited = await make_invited(embedded_node)
    body = {"email": EMAIL, "first_name": "A", "last_name": "B", "role": "viewer", "send_email": True}
    asked = [
        ("POST", f"/v1/rooms/{invited.room_id}/invitations", body),
        ("POST", f"/v1/rooms/{invited.room_id}/invitations/{invited.invitation_id}/send", {}),
        ("POST", "/v1/mail/test", {"email": EMAIL}),
        ("POST", "/v1/mail/preview", {}),
        ("GET", "/v1/mail/templates", None),
        ("POST", "/v1/mail/dead/1-1.r/retry", {}),
    ]
    for method, path, sent in asked:
        check_problem(await call(embedded_node, method, path, sent), 403, "email_not_configured")

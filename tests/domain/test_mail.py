"""When a mail may be sent again."""

from __future__ import annotations

import pytest

from server.domain.mail import MAIL_EVERY_MS, MailKind, MailState, MailStatus, check_mail_due
from server.domain.refusals import MailTooSoon


def state(status: MailStatus, at_ms: int = 1_000) -> MailState:
    return MailState(mail_id="m", kind=MailKind.INVITATION, status=status, at_ms=at_ms)


@pytest.mark.parametrize("status", [MailStatus.QUEUED, MailStatus.SENT, MailStatus.UNSURE])
def test_what_may_have_arrived_is_followed_by_another_after_a_minute(status):
    with pytest.raises(MailTooSoon) as refused:
        check_mail_due(state(status), 1_000 + MAIL_EVERY_MS - 1)
    assert refused.value.retry_after_ms == 1
    check_mail_due(state(status), 1_000 + MAIL_EVERY_MS)


@pytest.mark.parametrize("status", [MailStatus.FAILED, MailStatus.DROPPED])
def test_what_did_not_arrive_is_sent_again_at_once(status):
    check_mail_due(state(status), 1_000)


def test_the_first_mail_waits_for_nothing():
    check_mail_due(None, 0)

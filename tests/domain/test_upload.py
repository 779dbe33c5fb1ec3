"""When an uploaded row is the same row again, and what a dry run says."""

from __future__ import annotations

import pytest

from server.domain.invitation import Invitation, InvitationStatus
from server.domain.refusals import TooManyInvitations
from server.domain.roles import Role
from server.domain.upload import (
    Preview,
    Row,
    RowSeen,
    RowsSeen,
    RowStatus,
    check_no_duplicate,
    check_role,
    digest_of,
    made_before,
    row_key_for,
)
from tests.support.refusing import refused

NOW_MS = 1_000


def row(email: str = "a@x.org", key: str = "k", *, lasting: bool = False) -> Row:
    return Row(
        number=0, email=email, first_name="A", last_name="B", role=Role.VIEWER, send=False, key=key, digest="d", lasting=lasting
    )


def invitation(status: str = "created", expires_at_ms: int = NOW_MS + 1) -> Invitation:
    return Invitation(
        invitation_id="i1", email="a@x.org", first_name="A", last_name="B", role=Role.VIEWER,
        status=InvitationStatus(status), expires_at_ms=expires_at_ms,
    )


def key_for(given=None, actor_id=None, upload_key=None, digest="d"):
    return row_key_for(given=given, actor_id=actor_id, upload_key=upload_key, digest=digest)


def test_a_row_is_known_by_its_own_key_before_the_uploads_and_by_what_it_says_after_that():
    keys = [
        key_for("1"), key_for("1", "p-boss"), key_for("2"), key_for(None, None, "u"), key_for(None, "p-boss", "u"),
        key_for(None, None, "u", "e"), key_for(), key_for(digest="e"),
    ]
    assert len({key for key, _ in keys}) == len(keys)
    assert [lasting for _, lasting in keys] == [True] * 6 + [False] * 2
    assert key_for("1", digest="d") == key_for("1", digest="e")
    assert key_for(actor_id="p-boss") == key_for(actor_id="p-mod")


@pytest.mark.parametrize("given", ["", "x" * 65, "a\nb", "a\0"])
def test_what_is_no_key_is_refused(given):
    with refused("row_invalid"):
        key_for(given)


def test_where_a_text_ends_counts():
    assert digest_of("ab", "c") != digest_of("a", "bc") != digest_of("a", "b", "c")


@pytest.mark.parametrize("role", ["manager", "owner", "", "Viewer", "=cmd"])
def test_a_role_that_no_invitation_gives_is_refused(role):
    with refused("row_invalid"):
        check_role(role)


def test_the_second_row_for_an_address_or_with_a_key_is_refused():
    emails: set[str] = set()
    keys: set[str] = set()
    check_no_duplicate(row("a@x.org", "1"), emails, keys)
    for other in (row("a@x.org", "2"), row("b@x.org", "1")):
        with refused("duplicate_row"):
            check_no_duplicate(other, emails, keys)


@pytest.mark.parametrize(
    ("status", "expires_at_ms", "planned_end_ms", "stands"),
    [
        ("created", NOW_MS + 1, 0, True), ("opened", NOW_MS + 1, 0, True), ("claimed", NOW_MS + 1, 0, True),
        ("created", NOW_MS, 0, False), ("created", NOW_MS, NOW_MS + 1, True), ("revoked", NOW_MS + 1, 0, False),
        ("replaced", NOW_MS + 1, 0, False),
    ],
)  # fmt: skip
def test_a_key_stands_for_ever_and_what_a_row_says_while_its_invitation_holds(status, expires_at_ms, planned_end_ms, stands):
    seen = RowSeen(made_by="i1|d", made=invitation(status, expires_at_ms), present=None)
    times = {"now_ms": NOW_MS, "planned_end_ms": planned_end_ms}
    assert (made_before(row(), seen, **times) is not None) is stands
    assert made_before(row(lasting=True), seen, **times) is not None


def test_a_key_of_another_row_is_refused():
    seen = RowSeen(made_by="i1|other", made=invitation(), present=None)
    with refused("row_key_reused"):
        made_before(row(), seen, now_ms=NOW_MS, planned_end_ms=0)


NOTHING = RowSeen(made_by=None, made=None, present=None)


@pytest.mark.parametrize(
    ("status", "expected"),
    [("created", "would_replace"), ("opened", "would_replace"), ("claimed", "would_create")],
)
def test_an_unclaimed_invitation_would_be_replaced_and_a_claimed_one_not(status, expected):
    preview = Preview(RowsSeen(room_for_addresses=0, room_for_invitations=1), now_ms=NOW_MS, planned_end_ms=0)
    outcome = preview.outcome_for(row(), RowSeen(made_by=None, made=None, present=invitation(status)))
    assert outcome.status == expected
    assert outcome.replaced == ("i1" if expected == "would_replace" else None)


@pytest.mark.parametrize(("addresses", "invitations", "fit"), [(2, 9, 2), (9, 3, 3), (0, 9, 0)])
def test_each_row_of_a_dry_run_counts_for_the_bounds_of_the_next(addresses, invitations, fit):
    seen = RowsSeen(room_for_addresses=addresses, room_for_invitations=invitations)
    preview = Preview(seen, now_ms=NOW_MS, planned_end_ms=0)
    for number in range(fit):
        assert preview.outcome_for(row(f"p{number}@x.org"), NOTHING).status is RowStatus.WOULD_CREATE
    with pytest.raises(TooManyInvitations):
        preview.outcome_for(row("last@x.org"), NOTHING)

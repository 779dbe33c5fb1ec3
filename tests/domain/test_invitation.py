"""Invitations: which address is the invited one, who may invite, and who may claim on which device."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.invitation import (
    Device,
    Invitation,
    InvitationStatus,
    check_changeable,
    check_claim,
    check_claimable,
    check_device,
    check_may_invite,
    check_not_banned,
    check_not_withdrawn,
    has_free_device,
    known_device,
    normalise_email,
    resembling_device,
    was_moved_away,
)
from server.domain.person import Person, PersonState
from server.domain.refusals import (
    BadMessage,
    Banned,
    CncDisabled,
    InvitationClosed,
    InviteExpired,
    InviteMoved,
    InviteReplaced,
    InviteRevoked,
    InviteUsed,
    ModuleDisabled,
    NotLive,
    Refusal,
    RoleForbidden,
    RoomDeleted,
    SessionEnded,
)
from server.domain.roles import Role
from server.domain.room import Kind, Phase, Room

EXPIRES_AT_MS = 1_000_000
BEFORE, AFTER = EXPIRES_AT_MS - 1, EXPIRES_AT_MS


def room(phase: Phase = Phase.OPEN, **fields: object) -> Room:
    return Room(**{"room_id": "r", "title": "Room", "phase": phase, **fields})


def invitation(*devices: Device, **fields: object) -> Invitation:
    made = {
        "invitation_id": "i",
        "email": "mike@example.com",
        "first_name": "Mike",
        "last_name": "Miller",
        "role": Role.SPEAKER,
        "expires_at_ms": EXPIRES_AT_MS,
        "devices": {device.device_id: device for device in devices},
    }
    return Invitation(**{**made, **fields})


def device(device_id: str, *, key: bool = True, cookie: bool = True) -> Device:
    return Device(
        device_id=device_id,
        key_thumbprint=f"key of {device_id}" if key else None,
        cookie_hash=f"cookie of {device_id}" if cookie else None,
    )


# ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("mike@example.com", "mike@example.com"),
        ("Mike@Example.COM", "mike@example.com"),
        ("  mike@example.com\t", "mike@example.com"),
        ("mike+room@example.com", "mike+room@example.com"),
        ("m.i.k.e@example.com", "m.i.k.e@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("mike@mail.example.co.uk", "mike@mail.example.co.uk"),
        ("mike@xn--bcher-kva.example", "mike@xn--bcher-kva.example"),
        ("m" * 64 + "@example.com", "m" * 64 + "@example.com"),
    ],
)
def test_an_address_is_compared_trimmed_and_in_lower_case_and_nothing_else(typed, compared):
    assert normalise_email(typed) == compared


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="empty"),
        pytest.param("mike", id="no @"),
        pytest.param("@example.com", id="no name"),
        pytest.param("mike@", id="no domain"),
        pytest.param("mike@localhost", id="no dot in the domain"),
        pytest.param("mike@@example.com", id="two @"),
        pytest.param("mike@example.com@example.org", id="two domains"),
        pytest.param("mi\u212ae@example.com", id="Kelvin sign"),
        pytest.param("mike\uff20example.com", id="fullwidth @"),
        pytest.param("mike@ex\uff41mple.com", id="fullwidth letter"),
        pytest.param("m\u0131ke@example.com", id="dotless i"),
        pytest.param("M\u0130KE@example.com", id="dotted capital I"),
        pytest.param("mi\u200bke@example.com", id="zero-width space"),
        pytest.param("mike\u200d@example.com", id="zero-width joiner"),
        pytest.param("\ufeffmike@example.com", id="byte order mark"),
        pytest.param("\u202emike@example.com", id="right-to-left override"),
        pytest.param("m\u0456ke@example.com", id="Cyrillic i"),
        pytest.param("mi\u017fe@example.com", id="long s"),
        pytest.param("mike@b\u00fccher.example", id="umlaut in the domain"),
        pytest.param("mike@example\u3002com", id="ideographic full stop"),
        pytest.param("mike@example.com.", id="trailing dot"),
        pytest.param("mike@.example.com", id="leading dot of the domain"),
        pytest.param("mike@example..com", id="empty label"),
        pytest.param("mi..ke@example.com", id="two dots in the name"),
        pytest.param("mike@-example.com", id="label begins with -"),
        pytest.param("mike@example-.com", id="label ends with -"),
        pytest.param("mike@example.-com", id="last label begins with -"),
        pytest.param("mike@example.com-", id="last label ends with -"),
        pytest.param("mike@example.--", id="last label of hyphens"),
        pytest.param(".mike@example.com", id="leading dot of the name"),
        pytest.param("mike.@example.com", id="trailing dot of the name"),
        pytest.param('"mike"@example.com', id="quoted"),
        pytest.param('"mike@evil.example"@example.com', id="quoted with @"),
        pytest.param("mike(comment)@example.com", id="comment"),
        pytest.param("Mike <mike@example.com>", id="with a name"),
        pytest.param("mike@example.com,eve@evil.example", id="two addresses"),
        pytest.param("mike@[127.0.0.1]", id="address literal"),
        pytest.param("mike@example.com\n", id="line feed after"),
        pytest.param("mike@example.com\r\nBcc: eve@evil.example", id="header injection"),
        pytest.param("mike\x00@example.com", id="zero byte"),
        pytest.param("mi ke@example.com", id="space within"),
        pytest.param("mike\u00a0@example.com", id="no-break space"),
        pytest.param("m" * 65 + "@example.com", id="name of 65"),
        pytest.param("mike@" + "e" * 64 + ".com", id="label of 64"),
        pytest.param("m@" + "e" * 60 + ("." + "e" * 60) * 4 + ".com", id="too long"),
        pytest.param("m" * 300, id="300 characters"),
        pytest.param("a@" + "a." * 5_000 + "a", id="10,000 characters"),
    ],
)
def test_what_two_systems_could_read_differently_is_no_address(typed):
    with pytest.raises(BadMessage):
        normalise_email(typed)


@given(st.emails() | st.text() | st.from_regex(r"\A[a-zA-Z\u0130\u0131\u017f\u212a.]{1,5}@[a-zA-Z\u212a.-]{1,9}\Z"))
def test_the_compared_form_is_ascii_stable_and_holds_one_at(typed):
    try:
        compared = normalise_email(typed)
    except BadMessage:
        return
    assert compared.isascii()
    assert normalise_email(compared) == compared
    assert compared.count("@") == 1
    assert compared == typed.strip(" \t").lower()


# ── Inviting ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("actor", "role", "refusal"),
    [
        (Role.MANAGER, Role.VIEWER, None),
        (Role.MANAGER, Role.SPEAKER, None),
        (Role.MANAGER, Role.MODERATOR, None),
        (Role.MANAGER, Role.MANAGER, RoleForbidden),
        (Role.MODERATOR, Role.VIEWER, RoleForbidden),
        (Role.SPEAKER, Role.VIEWER, RoleForbidden),
        (Role.VIEWER, Role.VIEWER, RoleForbidden),
    ],
)
def test_managers_and_only_they_invite_and_nobody_as_a_manager(actor, role, refusal):
    assert refusal_of(check_may_invite, room=room(), actor=actor, role=role, site_invites=True) is refusal


@pytest.mark.parametrize(
    ("site_invites", "cnc", "phase", "refusal"),
    [
        (True, True, Phase.SCHEDULED, None),
        (True, True, Phase.OPENING, None),
        (True, True, Phase.OPEN, None),
        (False, True, Phase.OPEN, ModuleDisabled),
        (True, False, Phase.OPEN, CncDisabled),
        (False, False, Phase.OPEN, ModuleDisabled),
        (True, True, Phase.ENDED, SessionEnded),
        (True, True, Phase.DELETED, RoomDeleted),
    ],
)
def test_inviting_needs_the_module_chat_and_a_session_that_is_not_over(site_invites, cnc, phase, refusal):
    facts = {"room": room(phase, cnc=cnc), "actor": Role.MANAGER, "role": Role.VIEWER, "site_invites": site_invites}
    assert refusal_of(check_may_invite, **facts) is refusal


def refusal_of(check, *args: object, **facts: object) -> type[Refusal] | None:
    try:
        check(*args, **facts)
    except Refusal as refusal:
        return type(refusal)
    return None


@pytest.mark.parametrize(
    ("status", "withdrawn", "closed"),
    [
        (InvitationStatus.CREATED, None, None),
        (InvitationStatus.OPENED, None, None),
        (InvitationStatus.CLAIMED, None, None),
        (InvitationStatus.REVOKED, InviteRevoked, InvitationClosed),
        (InvitationStatus.REPLACED, InviteReplaced, InvitationClosed),
    ],
)
def test_a_withdrawn_invitation_admits_nobody_and_cannot_be_changed(status, withdrawn, closed):
    assert refusal_of(check_not_withdrawn, invitation(status=status)) is withdrawn
    assert refusal_of(check_changeable, invitation(status=status)) is closed


# ── Devices ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("link_devices", "claimed_on", "refusal"),
    [
        (1, 0, None),
        (1, 1, InviteUsed),
        (3, 2, None),
        (3, 3, InviteUsed),
        (3, 4, InviteUsed),
        (-1, 0, None),
        (-1, 500, None),
    ],
)
def test_one_more_device_may_claim_until_the_link_has_none_to_spare(link_devices, claimed_on, refusal):
    made = invitation(*(device(f"d{n}") for n in range(claimed_on)), link_devices=link_devices)
    assert has_free_device(made) is (refusal is None)
    assert refusal_of(check_device, made, device("new")) is refusal


@pytest.mark.parametrize(
    ("shown", "recognised"),
    [
        (Device(device_id="x", key_thumbprint="key of mine", cookie_hash="cookie of mine"), True),
        (Device(device_id="x", key_thumbprint="key of mine"), True),
        (Device(device_id="x", cookie_hash="cookie of mine"), False),
        (Device(device_id="x", key_thumbprint="key of mine", cookie_hash="another"), True),
        (Device(device_id="x", key_thumbprint="another", cookie_hash="another"), False),
        (Device(device_id="mine"), False),
        (Device(device_id="mine", key_thumbprint="", cookie_hash=""), False),
    ],
)
def test_a_device_is_known_by_its_key_or_its_cookie_and_never_by_what_it_calls_itself(shown, recognised):
    made = invitation(device("mine"))
    assert (known_device(made, shown) is not None) is recognised
    resembles = resembling_device(made, shown) is not None
    assert refusal_of(check_device, made, shown) is (None if recognised or resembles else InviteUsed)


def test_a_device_with_the_cookie_and_not_the_key_is_let_try_and_has_to_prove_the_address_again():
    made = invitation(device("mine"))
    shown = Device(device_id="x", key_thumbprint="another", cookie_hash="cookie of mine")
    assert known_device(made, shown) is None
    assert resembling_device(made, shown) is made.devices["mine"]
    assert refusal_of(check_device, made, shown) is None


def test_a_device_without_a_key_is_known_by_its_cookie():
    made = invitation(Device(device_id="mine", cookie_hash="cookie of mine"))
    assert known_device(made, Device(device_id="x", key_thumbprint="new", cookie_hash="cookie of mine")) is made.devices["mine"]


@pytest.mark.parametrize(
    ("created_at_ms", "person_banned_at_ms", "device_banned_at_ms", "refusal"),
    [(5, None, 0, None), (5, 5, 0, Banned), (5, None, 7, Banned), (5, 4, 4, None), (5, 4, 9, Banned)],
)
def test_a_ban_holds_for_the_person_and_the_device_with_every_link_that_is_older(
    created_at_ms, person_banned_at_ms, device_banned_at_ms, refusal
):
    state = PersonState.BANNED if person_banned_at_ms else PersonState.KNOWN
    person = Person(participant_id="p", name="P", state=state, banned_at_ms=person_banned_at_ms)
    made = invitation(created_at_ms=created_at_ms)
    assert refusal_of(check_not_banned, made, person, device_banned_at_ms) is refusal


@pytest.mark.parametrize(
    ("now_ms", "refusal"), [(BEFORE, None), (AFTER, None), (AFTER + 86_400_000, InviteExpired)]
)
def test_a_rescheduled_session_keeps_its_links_good(now_ms, refusal):
    this = room(starts_at_ms=EXPIRES_AT_MS, link_ttl_s=86_400)
    assert refusal_of(check_claimable, this, invitation(), now_ms) is refusal


def test_a_device_that_shows_nothing_is_not_taken_for_one_recorded_without_a_key():
    made = invitation(Device(device_id="mine", cookie_hash="cookie of mine"))
    assert known_device(made, Device(device_id="x", key_thumbprint=None, cookie_hash=None)) is None


def test_a_key_counts_more_than_a_cookie():
    made = invitation(device("first"), device("second"), link_devices=2)
    shown = Device(device_id="x", key_thumbprint="key of second", cookie_hash="cookie of first")
    found = known_device(made, shown)
    assert found is not None
    assert found.device_id == "second"


def test_the_device_that_had_the_claim_is_told_that_it_moved_and_strangers_that_it_is_in_use():
    made = invitation(device("new"), moved_devices={"old": 1})
    assert was_moved_away(made, device("old"))
    assert refusal_of(check_device, made, device("old")) is InviteMoved
    assert refusal_of(check_device, made, device("stranger")) is InviteUsed


def test_a_device_to_which_the_claim_came_back_is_let_in():
    made = invitation(device("old"), moved_devices={"old": 1, "new": 2})
    assert refusal_of(check_device, made, device("old")) is None


def test_a_moved_device_claims_again_where_the_link_has_one_to_spare():
    made = invitation(device("new"), moved_devices={"old": 1}, link_devices=2)
    assert refusal_of(check_device, made, device("old")) is None


# ── Claiming ─────────────────────────────────────────────────────────────────────────────────────────────────────────

MINE, OTHER = device("mine"), device("other")


@pytest.mark.parametrize(
    ("made", "phase", "now_ms", "refusal"),
    [
        pytest.param(invitation(), Phase.OPEN, BEFORE, None, id="fresh"),
        pytest.param(invitation(), Phase.SCHEDULED, BEFORE, None, id="before the start"),
        pytest.param(invitation(), Phase.OPEN, AFTER, InviteExpired, id="expired"),
        pytest.param(invitation(MINE), Phase.OPEN, AFTER, None, id="mine is never told expired"),
        pytest.param(invitation(OTHER), Phase.OPEN, BEFORE, InviteUsed, id="used"),
        pytest.param(invitation(OTHER), Phase.OPEN, AFTER, InviteUsed, id="used before expired"),
        pytest.param(
            invitation(OTHER, moved_devices={"mine": 1}), Phase.OPEN, AFTER, InviteMoved, id="moved before expired"
        ),
        pytest.param(invitation(OTHER), Phase.ENDED, AFTER, SessionEnded, id="ended before used"),
        pytest.param(invitation(MINE), Phase.ENDED, BEFORE, SessionEnded, id="ended for mine too"),
        pytest.param(invitation(OTHER), Phase.DELETED, AFTER, RoomDeleted, id="deleted before used"),
        pytest.param(
            invitation(OTHER, status=InvitationStatus.REVOKED), Phase.DELETED, AFTER, InviteRevoked, id="revoked first"
        ),
        pytest.param(
            invitation(MINE, status=InvitationStatus.REPLACED), Phase.ENDED, AFTER, InviteReplaced, id="replaced first"
        ),
    ],
)
def test_a_claim_is_answered_in_the_order_that_the_product_names(made, phase, now_ms, refusal):
    facts = {"room": room(phase), "invitation": made, "device": MINE, "now_ms": now_ms}
    assert refusal_of(check_claim, **facts) is refusal


@pytest.mark.parametrize(
    ("made", "role", "refusal"),
    [
        (invitation(MINE), Role.MODERATOR, None),
        (invitation(MINE), Role.MANAGER, None),
        (invitation(MINE), Role.SPEAKER, SessionEnded),
        (invitation(OTHER), Role.MODERATOR, SessionEnded),
        (invitation(), Role.MODERATOR, SessionEnded),
        (invitation(MINE, status=InvitationStatus.REVOKED), Role.MODERATOR, InviteRevoked),
    ],
)
def test_after_the_end_a_host_comes_back_on_the_device_that_has_the_claim_alone(made, role, refusal):
    ended = room(Phase.ENDED, ended_at_ms=BEFORE, reopen_s=60)
    host = Person(participant_id="p", name="", role=role)
    facts = {"room": ended, "invitation": made, "device": MINE, "now_ms": BEFORE, "person": host}
    assert refusal_of(check_claim, **facts) is refusal
    over = {**facts, "now_ms": BEFORE + 60_000}
    assert refusal_of(check_claim, **over) is (refusal or SessionEnded)


CHANNEL = {"kind": Kind.CHANNEL, "channel_id": "c1"}


@pytest.mark.parametrize(
    ("phase", "refusal"),
    [
        (Phase.SCHEDULED, NotLive), (Phase.OPENING, None), (Phase.OPEN, None), (Phase.ENDED, NotLive),
        (Phase.DELETED, RoomDeleted),
    ],
)
def test_a_channels_room_invites_while_its_session_is_live(phase, refusal):
    facts = {"actor": Role.MANAGER, "role": Role.VIEWER, "site_invites": True}
    assert refusal_of(check_may_invite, room=room(phase, **CHANNEL), **facts) is refusal


@pytest.mark.parametrize(
    ("switch", "actor", "refusal"),
    [
        (False, Role.MODERATOR, RoleForbidden), (True, Role.MODERATOR, None), (True, Role.SPEAKER, RoleForbidden),
        (True, Role.VIEWER, RoleForbidden), (False, Role.MANAGER, None),
    ],
)
def test_moderators_invite_where_the_room_says_so(switch, actor, refusal):
    facts = {"actor": actor, "role": Role.MODERATOR, "site_invites": True}
    assert refusal_of(check_may_invite, room=room(moderators_invite=switch), **facts) is refusal


def test_the_name_is_first_and_last():
    assert invitation().name == "Mike Miller"
    assert invitation(last_name="").name == "Mike"

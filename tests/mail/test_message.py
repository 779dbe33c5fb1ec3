"""A message as a mail program reads it."""

from __future__ import annotations

import email
import email.policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from icalendar import Calendar

from server.domain.mail import MailKind
from server.mail.calendar import CalendarEntry, calendar_file
from server.mail.message import Letter, write_message
from server.mail.templates import Rendered, load_templates, sample_values
from tests.mail.test_templates import HOSTILE

SENDER = Address("Räume", "rooms", "example.org")
WORDS = Rendered(subject="Grüße", html="<p>Grüße</p>" * 500, text="Grüße\n.\n.x\nFrom here\n")
ENTRY = CalendarEntry(
    uid="i1@rooms.example.com", sequence=4, title="Chemie, Übung; 1", starts_at_ms=2_051_265_600_123,
    ends_at_ms=2_051_269_200_000, page="https://rooms.example.com/room/r",
)


def written(words: Rendered = WORDS, calendar: CalendarEntry | None = None, **fields: object) -> bytes:
    letter = {
        "mail_id": "m1", "sender": SENDER, "recipient": "ina@example.com",
        "written_at_ms": 2_000_000_000_000, "words": words, "calendar": calendar,
    }
    return write_message(Letter(**{**letter, **fields}))


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_both_bodies_and_the_subject_arrive_as_they_were():
    message = read(written())
    assert message["Subject"] == "Grüße"
    assert message["To"] == "ina@example.com"
    assert message["From"].addresses[0].display_name == "Räume"
    assert message.get_body(("plain",)).get_content().splitlines() == WORDS.text.splitlines()
    assert message.get_body(("html",)).get_content().strip() == WORDS.html


def test_it_says_what_made_it_and_keeps_its_name_when_tried_again():
    first, again = read(written()), read(written())
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Message-ID"] == again["Message-ID"] == "<m1@example.org>"
    assert first["Date"] == again["Date"]
    assert first["Date"].datetime.timestamp() == 2_000_000_000


def test_no_line_is_too_long_and_every_byte_is_ascii():
    raw = written(calendar=ENTRY)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_hostile_names_add_no_header_no_recipient_and_no_part(value):
    values = {**sample_values(MailKind.INVITATION), "FIRSTNAME": value, "LASTNAME": value, "TITLE": value}
    templates = load_templates("", "en")
    plain = read(written(templates.render(MailKind.INVITATION, "en", sample_values(MailKind.INVITATION))))
    hostile = read(written(templates.render(MailKind.INVITATION, "en", values)))
    assert hostile.keys() == plain.keys()
    assert hostile["To"] == "ina@example.com"
    assert [part.get_content_type() for part in hostile.walk()] == [part.get_content_type() for part in plain.walk()]
    assert not hostile.defects


def test_the_calendar_file_says_when_in_utc_and_to_the_second():
    (part,) = [part for part in read(written(calendar=ENTRY)).walk() if part.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "PUBLISH"
    calendar = Calendar.from_ical(part.get_content())
    assert calendar["METHOD"] == "PUBLISH"
    (event,) = calendar.walk("VEVENT")
    assert (event["UID"], event["SEQUENCE"], event["SUMMARY"]) == ("i1@rooms.example.com", 4, "Chemie, Übung; 1")
    assert event["DTSTART"].dt.isoformat() == "2035-01-01T12:00:00+00:00"
    assert event["DTEND"].dt.isoformat() == "2035-01-01T13:00:00+00:00"
    assert event["URL"] == "https://rooms.example.com/room/r"


def test_without_a_start_there_is_no_calendar_file():
    assert "text/calendar" not in [part.get_content_type() for part in read(written()).walk()]


def test_a_title_cannot_end_the_event():
    title = "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nURL:https://evil.example"
    raw = calendar_file(
        CalendarEntry(uid="u", sequence=1, title=title, starts_at_ms=1, ends_at_ms=None, page="https://a.example"), 1
    )
    (event,) = Calendar.from_ical(raw).walk("VEVENT")
    assert event["URL"] == "https://a.example"

"""The start as a calendar file, for whatever calendar the reader uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Event


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """`uid` stays the same for the same invitation, and `sequence` rises, so that a later mail moves the entry."""

    uid: str
    sequence: int
    title: str
    starts_at_ms: int
    ends_at_ms: int | None
    page: str


def calendar_file(entry: CalendarEntry, now_ms: int) -> bytes:
    """An entry to be put down. It names the room's page and not the link: calendars are shared, the link is for one person."""
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", _utc(now_ms))
    event.add("dtstart", _utc(entry.starts_at_ms))
    if entry.ends_at_ms is not None:
        event.add("dtend", _utc(entry.ends_at_ms))
    event.add("summary", entry.title)
    event.add("url", entry.page)
    calendar = Calendar()
    calendar.add("prodid", "-//Greenroom//Greenroom//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _utc(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms // 1000, UTC)

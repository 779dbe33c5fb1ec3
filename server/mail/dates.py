"""An instant in words, as a reader anywhere understands it: in the site's zone and in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class _Words:
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str  # how a date is put together

    def written(self, at: datetime) -> str:
        return self.day.format(weekday=self.weekdays[at.weekday()], day=at.day, month=self.months[at.month - 1], year=at.year)


_WORDS = {
    "en": _Words(
        weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        months=(
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ),
        day="{weekday}, {day} {month} {year}",
    ),
    "de": _Words(
        weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        months=(
            "Januar", "Februar", "März", "April", "Mai", "Juni",
            "Juli", "August", "September", "Oktober", "November", "Dezember",
        ),
        day="{weekday}, {day}. {month} {year}",
    ),
}


def written_instant(at_ms: int | None, zone: ZoneInfo, language: str) -> str:
    """`Monday, 1 January 2035, 13:00 (Europe/Berlin), 12:00 UTC`; empty where there is no instant. In languages whose words
    are not known here the date is written in digits."""
    if at_ms is None:
        return ""
    in_utc = datetime.fromtimestamp(at_ms // 1000, UTC)
    there = in_utc.astimezone(zone)
    if zone.key == "UTC":
        return f"{_date(in_utc, language)}, {in_utc:%H:%M} UTC"
    utc_date = "" if there.date() == in_utc.date() else f"{_date(in_utc, language)}, "
    return f"{_date(there, language)}, {there:%H:%M} ({zone.key}), {utc_date}{in_utc:%H:%M} UTC"


def _date(at: datetime, language: str) -> str:
    words = _WORDS.get(language.partition("-")[0])
    return words.written(at) if words else f"{at:%Y-%m-%d}"

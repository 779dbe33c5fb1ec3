"""Instants in words."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from server.mail.dates import written_instant

NOON = 2_051_265_600_000  # 2035-01-01T12:00Z, a Monday
LATE = NOON + 11 * 3_600_000 + 30 * 60_000
SUMMER = NOON + 182 * 86_400_000  # 2035-07-02


@pytest.mark.parametrize(
    ("at_ms", "zone", "language", "written"),
    [
        (None, "UTC", "en", ""),
        (NOON, "UTC", "en", "Monday, 1 January 2035, 12:00 UTC"),
        (NOON, "Europe/Berlin", "en", "Monday, 1 January 2035, 13:00 (Europe/Berlin), 12:00 UTC"),
        (NOON, "Europe/Berlin", "de", "Montag, 1. Januar 2035, 13:00 (Europe/Berlin), 12:00 UTC"),
        (NOON, "Europe/Berlin", "de-at", "Montag, 1. Januar 2035, 13:00 (Europe/Berlin), 12:00 UTC"),
        (SUMMER, "Europe/Berlin", "en", "Monday, 2 July 2035, 14:00 (Europe/Berlin), 12:00 UTC"),
        (LATE, "Asia/Tokyo", "en", "Tuesday, 2 January 2035, 08:30 (Asia/Tokyo), Monday, 1 January 2035, 23:30 UTC"),
        (NOON, "UTC", "fr", "2035-01-01, 12:00 UTC"),
    ],
)
def test_an_instant_is_written_for_readers_anywhere(at_ms, zone, language, written):
    assert written_instant(at_ms, ZoneInfo(zone), language) == written

"""What the browser tests measure. Each figure is announced here, so that one that never came is a failure."""

from __future__ import annotations

import pytest

from client_sim.figures import Figures

EXPECTED = (
    "browser.client_gzip_bytes",
    "browser.first_paint_ms",
    "browser.page_transfer_bytes",
    "browser.frames_dropped_while_500_join",
    "browser.axe_violations_outside",
    "browser.axe_violations_inside",
    "browser.axe_violations_pages",
    "browser.axe_violations_mirrored",
    "browser.foreign_requests",
    "browser.reloads_at_promotion",
    "browser.promotion_to_new_tools_ms",
    "browser.home_clicks_to_promotion",
    "browser.lost_on_screen_after_kill",
    "browser.back_after_kill_ms",
    "browser.links_spent_by_scanners",
    "browser.countdown_wrong_by_s",
)

FIGURES: pytest.StashKey[Figures] = pytest.StashKey()


class FiguresPlugin:
    """Gives a run of pytest the figures to add to."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[FIGURES] = self._figures

"""All states by name, in groups that are looked at side by side."""

from __future__ import annotations

from tests.browser.gallery import inside, outside, pages
from tests.browser.gallery.scene import Reach
from tests.browser.people import SETTINGS

# A mail server that nobody asks: what is offered only where mails can be sent is there.
SETTINGS_OF_GALLERY = {**SETTINGS, "SMTP_URL": "smtp://127.0.0.1:9", "MAIL_FROM": "Rooms <rooms@example.com>"}

OF_PEOPLE = {"outside": outside.STATES, "inside": inside.STATES, "pages": pages.STATES}
ALL: dict[str, Reach] = {name: reach for states in OF_PEOPLE.values() for name, reach in states.items()}
MIRRORED = ("countdown", "email_entry", "waiting_in_line", "room_manager", "room_viewer", "invite_dialog", "media", "home")
GROUPS = {**OF_PEOPLE, "mirrored": {name: ALL[name] for name in MIRRORED}}

"""Every HTTP endpoint, with a body that it accepts; paths name the room `{room}` and the invitation `{invitation}`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.web.asking import API_KEY, EMAIL

KEY = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}
NEEDS_KEY = "key"


@dataclass(frozen=True)
class Door:
    """`takes`: a body with every field, None where no body is read; `may_be_empty`: no field is required."""

    method: str
    path: str
    takes: dict[str, Any] | None = None
    may_be_empty: bool = False
    needs_key: bool = True
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def key(self) -> str | None:
        return API_KEY if self.needs_key else None


ROOM_BODY = {
    "title": "T", "room_id": "r-1", "description": "D", "opens": "at_start", "access": "members", "starts_at_ms": 1,
    "ends_at_ms": 2, "locked": False, "cnc": True, "early_entry_s": 1, "link_ttl_s": 60, "link_devices": 1,
    "standings": {"u": "owner"}, "guest_access": True, "allowed_domains": [], "blocked_domains": ["example.org"],
}
INVITE_BODY = {
    "email": EMAIL, "first_name": "A", "last_name": "O", "role": "viewer", "at_once": False,
    "send_email": False, "language": "en", "link_devices": 1,
}
CLAIM_BODY = {
    "secret": "s", "nonce": "n", "email": EMAIL, "site_token": "t", "device_key": KEY, "proof": "p", "code": "123456",
}
CODE_BODY = {"secret": "s", "nonce": "n", "email": EMAIL, "device_key": KEY, "proof": "p"}
GUEST_BODY = {"secret": "s", "nonce": "n", "name": "Gus", "email": EMAIL, "device_key": KEY, "proof": "p"}

DOORS = [
    Door("POST", "/v1/rooms", ROOM_BODY),
    Door("GET", "/v1/rooms"),
    Door("GET", "/v1/rooms/{room}"),
    Door("PATCH", "/v1/rooms/{room}", {"title": "T", "description": "D", "starts_at_ms": 1}, may_be_empty=True),
    Door("DELETE", "/v1/rooms/{room}"),
    Door("GET", "/v1/rooms/{room}/participants"),
    Door("GET", "/v1/rooms/{room}/invitations"),
    Door("POST", "/v1/rooms/{room}/invitations", INVITE_BODY),
    Door("POST", "/v1/rooms/{room}/invitations/{invitation}/revoke", {"remove": True}, may_be_empty=True),
    Door("POST", "/v1/rooms/{room}/invitations/{invitation}/extend", {}, may_be_empty=True),
    Door("POST", "/v1/rooms/{room}/invitations/{invitation}/send", {}, may_be_empty=True),
    Door("GET", "/v1/rooms/{room}/invitations/{invitation}"),
    Door("POST", "/v1/rooms/{room}/invitations/remind", {"invitation_ids": ["i-1"]}, may_be_empty=True),
    Door("POST", "/v1/rooms/{room}/invitations/{invitation}/link", {}, may_be_empty=True),
    Door("POST", "/v1/rooms/{room}/invitations/{invitation}/role", {"role": "viewer"}),
    Door("POST", "/v1/rooms/{room}/invitations/{invitation}/release", {}, may_be_empty=True),
    Door("POST", "/v1/rooms/{room}/invitations/{invitation}/devices/d-1/allow", {}, may_be_empty=True),
    Door("POST", "/v1/rooms/{room}/invitations/{invitation}/devices/d-1/refuse", {}, may_be_empty=True),
    Door("GET", "/v1/rooms/{room}/audit"),
    Door("GET", "/v1/rooms/{room}/refusals"),
    Door("GET", "/v1/rooms/{room}/invitations/{invitation}/preview"),
    Door("GET", "/v1/rooms/{room}/media", needs_key=False, headers={"Authorization": "Bearer t"}),
    Door("GET", "/v1/rooms/{room}/participants.json"),
    Door("GET", "/v1/rooms/{room}/participants.csv"),
    Door("GET", "/v1/keys"),
    Door("POST", "/v1/keys", {"name": "reports"}),
    Door("DELETE", "/v1/keys/k-1"),
    Door("POST", "/v1/support/why", {"email": EMAIL, "room_id": "r-1"}),
    Door("GET", "/v1/mail/templates"),
    Door("GET", "/v1/mail"),
    Door("GET", "/v1/mail/dead"),
    Door("POST", "/v1/mail/dead/1-1.r/retry", {}, may_be_empty=True),
    Door("POST", "/v1/mail/test", {"email": EMAIL, "kind": "test", "language": "en"}),
    Door("POST", "/v1/mail/preview", {"kind": "test", "language": "en"}, may_be_empty=True),
    Door("POST", "/v1/rooms/{room}/link/look", {"secret": "s", "device_key": KEY}, needs_key=False),
    Door("POST", "/v1/rooms/{room}/link/claim", CLAIM_BODY, needs_key=False),
    Door("POST", "/v1/rooms/{room}/link/ask", CLAIM_BODY | {"label": "l"}, needs_key=False),
    Door("POST", "/v1/rooms/{room}/link/code", CODE_BODY, needs_key=False),
    Door("GET", "/v1/site"),
    Door("GET", "/v1/node"),
    Door("PATCH", "/v1/site", {"guest_access": True, "rev": 0}, may_be_empty=True),
    Door("POST", "/v1/would-get-in", {"email": EMAIL}),
    Door("POST", "/v1/rooms/{room}/would-get-in", {"email": EMAIL}),
    Door("GET", "/v1/rooms/{room}/guest-links"),
    Door("POST", "/v1/rooms/{room}/guest-links", {"name": "All", "max_clicks": 1, "valid_days": 1}),
    Door("PATCH", "/v1/rooms/{room}/guest-links/g1", {"name": "A", "max_clicks": 0, "valid_days": 0}, may_be_empty=True),
    Door("DELETE", "/v1/rooms/{room}/guest-links/g1"),
    Door("POST", "/v1/rooms/{room}/guest-links/g1/link"),
    Door("POST", "/v1/rooms/{room}/guest/look", {"secret": "s", "device_key": KEY}, needs_key=False),
    Door("POST", "/v1/rooms/{room}/guest/enter", GUEST_BODY, needs_key=False),
    Door("POST", "/v1/rooms/{room}/sign-in", {}, may_be_empty=True, needs_key=False, headers={"Authorization": "Bearer t"}),
    Door("POST", "/v1/demo/sign-in", {"user_id": "u", "name": "N", "email": EMAIL}, needs_key=False),
    Door(
        "POST", "/v1/demo/rooms",
        {"title": "T", "starts_in_s": 1, "locked": False, "opens": "by_host", "access": "invited"}, needs_key=False,
    ),
]
READING = [door for door in DOORS if door.takes is not None]
PRODUCTS = [door for door in DOORS if door.needs_key]
OF_A_ROOM = [door for door in DOORS if "{room}" in door.path]
OPEN_PATHS = ("/healthz", "/readyz", "/", "/join/r", "/room/r", "/media/r", "/admin", "/pages/room/room.js")
OPEN = [Door("GET", path, needs_key=False) for path in OPEN_PATHS]

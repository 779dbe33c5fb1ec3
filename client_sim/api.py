"""The HTTP calls: how somebody becomes somebody, and what the room product asks for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from client_sim.device import Device
from client_sim.http_request import Answer, request
from client_sim.refused import refusal_from

Body = dict[str, Any]


@dataclass(frozen=True)
class Link:
    """An invitation link, taken apart: `<site>/join/<room_id>#<secret>`."""

    url: str

    @property
    def room_id(self) -> str:
        return urlsplit(self.url).path.rsplit("/", 1)[-1]

    @property
    def secret(self) -> str:
        return urlsplit(self.url).fragment


class Api:
    """Calls to one node. Every call raises `Refused` on a no, and OSError or TimeoutError when there is no answer."""

    def __init__(self, url: str, api_key: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._api_key = api_key

    # ── With an invitation link ──────────────────────────────────────────────────────────────────────────────────────

    async def look(self, link: Link, device: Device | None = None) -> Body:
        """What the link is, and a nonce to claim it with; uses nothing up."""
        return await self._post(_link_path(link, "look"), {"secret": link.secret, **_key_of(device)})

    async def claim(self, link: Link, nonce: str, email: str | None, device: Device | None = None) -> Body:
        """Make the link this device's: answers `session_token`, `expires_at_ms`, `participant_id`, `room`."""
        return await self._post(_link_path(link, "claim"), _claim_body(link, nonce, email, device))

    async def ask(self, link: Link, nonce: str, email: str, device: Device, label: str | None = None) -> Body:
        """Ask to use a claimed link on this device: answers `request_id` and `status`."""
        body = _claim_body(link, nonce, email, device)
        return await self._post(_link_path(link, "ask"), body | ({"label": label} if label else {}))

    async def look_and_claim(self, link: Link, email: str, device: Device) -> Body:
        """The two steps that a person takes: open the link, type the address."""
        looked = await self.look(link, device)
        return await self.claim(link, looked["nonce"], email, device)

    # ── With the site's sign-in ──────────────────────────────────────────────────────────────────────────────────────

    async def demo_token(self, user_id: str, name: str, email: str) -> str:
        """A site token for anybody, where no site is configured."""
        body = {"user_id": user_id, "name": name, "email": email}
        return str((await self._post("/v1/demo/sign-in", body))["site_token"])

    async def sign_in(self, room_id: str, site_token: str) -> Body:
        """Enter with the site's sign-in: answers as `claim` does."""
        return await self._post(f"/v1/rooms/{room_id}/sign-in", {}, bearer=site_token)

    async def demo_sign_in(self, room_id: str, user_id: str, name: str) -> Body:
        """Both steps of the demo sign-in."""
        site_token = await self.demo_token(user_id, name, f"{user_id}@example.org")
        return await self.sign_in(room_id, site_token)

    # ── For the room product ─────────────────────────────────────────────────────────────────────────────────────────

    async def create_room(self, **room: Any) -> Body:
        return await self._post("/v1/rooms", room, bearer=self._api_key)

    async def room(self, room_id: str) -> Body:
        return await self._call("GET", f"/v1/rooms/{room_id}", bearer=self._api_key)

    async def edit_room(self, room_id: str, **changes: Any) -> Body:
        return await self._call("PATCH", f"/v1/rooms/{room_id}", changes, bearer=self._api_key)

    async def delete_room(self, room_id: str) -> None:
        await self._call("DELETE", f"/v1/rooms/{room_id}", bearer=self._api_key)

    async def invite(self, room_id: str, *, email: str, first_name: str, last_name: str, role: str) -> Body:
        """Answers `invitation_id`, `link`, `replaced`."""
        body = {"email": email, "first_name": first_name, "last_name": last_name, "role": role}
        return await self._post(f"/v1/rooms/{room_id}/invitations", body, bearer=self._api_key)

    async def invitations(self, room_id: str) -> list[Body]:
        answer = await self._call("GET", f"/v1/rooms/{room_id}/invitations", bearer=self._api_key)
        listed: list[Body] = answer["invitations"]
        return listed

    async def revoke(self, room_id: str, invitation_id: str, *, remove: bool = False) -> None:
        path = f"/v1/rooms/{room_id}/invitations/{invitation_id}/revoke"
        await self._post(path, {"remove": remove}, bearer=self._api_key)

    async def extend(self, room_id: str, invitation_id: str) -> int:
        """Answers the instant until which the link may be claimed now."""
        path = f"/v1/rooms/{room_id}/invitations/{invitation_id}/extend"
        return int((await self._post(path, {}, bearer=self._api_key))["expires_at_ms"])

    async def participants(self, room_id: str) -> Body:
        """Answers `seq`, `participants`, `waiters`."""
        return await self._call("GET", f"/v1/rooms/{room_id}/participants", bearer=self._api_key)

    async def is_ready(self) -> bool:
        """Whether the node can serve now; an unreachable one cannot."""
        try:
            return (await request("GET", f"{self.url}/readyz", timeout_s=2)).status == 200
        except (OSError, TimeoutError):
            return False

    # ── Underneath ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _post(self, path: str, body: Body, *, bearer: str | None = None) -> Body:
        return await self._call("POST", path, body, bearer=bearer)

    async def _call(self, method: str, path: str, body: Body | None = None, *, bearer: str | None = None) -> Body:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        raw = b"" if body is None else json.dumps(body).encode()
        return _read(await request(method, self.url + path, headers=headers, body=raw))


def _read(answer: Answer) -> Body:
    said = _object(answer.body)
    if answer.status >= 400:
        raise refusal_from(said, status=answer.status)
    return said


def _object(body: bytes) -> Body:
    """The JSON object in `body`; empty where it holds none, as the answers of a proxy may."""
    try:
        said = json.loads(body) if body else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _link_path(link: Link, step: str) -> str:
    return f"/v1/rooms/{link.room_id}/link/{step}"


def _key_of(device: Device | None) -> Body:
    return {"device_key": device.jwk} if device else {}


def _claim_body(link: Link, nonce: str, email: str | None, device: Device | None) -> Body:
    body: Body = {"secret": link.secret, "nonce": nonce, **_key_of(device)}
    if email is not None:
        body["email"] = email
    if device is not None:
        body["proof"] = device.claim_proof(nonce)
    return body

"""The HTTP calls: how somebody becomes somebody, and what the room product asks for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from client_sim.device import Device
from client_sim.http_request import Answer, request
from client_sim.refused import refusal_from

Body = dict[str, Any]


@dataclass(frozen=True)
class Link:
    """An invitation link, taken apart: `<site>/join/<room_id>#<secret>`; of a guest link `#g.<secret>`."""

    url: str

    @property
    def room_id(self) -> str:
        return urlsplit(self.url).path.rsplit("/", 1)[-1]

    @property
    def secret(self) -> str:
        return urlsplit(self.url).fragment

    @property
    def guest_secret(self) -> str:
        return self.secret.removeprefix("g.")


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

    # ── With a guest link ────────────────────────────────────────────────────────────────────────────────────────────

    async def guest_look(self, link: Link, device: Device | None = None) -> Body:
        """What the guest link is (`state`), and a nonce to come in with; no click."""
        return await self._post(_guest_path(link, "look"), {"secret": link.guest_secret, **_key_of(device)})

    async def guest_enter(
        self, link: Link, nonce: str, name: str | None, email: str | None, device: Device | None = None
    ) -> Body:
        """Come in as a guest: answers as `claim` does."""
        body = _claim_body(link, nonce, email, device) | {"secret": link.guest_secret}
        return await self._post(_guest_path(link, "enter"), body | ({"name": name} if name is not None else {}))

    async def look_and_enter(self, link: Link, name: str, email: str, device: Device) -> Body:
        """The two steps that a guest takes: open the link, give a name and an address."""
        looked = await self.guest_look(link, device)
        return await self.guest_enter(link, looked["nonce"], name, email, device)

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

    async def reopen(self, room_id: str) -> None:
        """Go on with a session that has ended."""
        await self._post(f"/v1/rooms/{room_id}/reopen", {}, bearer=self._api_key)

    async def begin_session(self, room_id: str, **times: Any) -> int:
        """The next session of a channel's room; answers its number."""
        return int((await self._post(f"/v1/rooms/{room_id}/sessions", times, bearer=self._api_key))["session_no"])

    async def delete_room(self, room_id: str) -> None:
        await self._call("DELETE", f"/v1/rooms/{room_id}", bearer=self._api_key)

    async def invite(self, room_id: str, *, email: str, first_name: str, last_name: str, role: str) -> Body:
        """Answers `invitation_id`, `link`, `replaced`."""
        body = {"email": email, "first_name": first_name, "last_name": last_name, "role": role}
        return await self._post(f"/v1/rooms/{room_id}/invitations", body, bearer=self._api_key)

    async def invitations(self, room_id: str, **asked: str | int) -> list[Body]:
        """The first page of them. `asked`: stage, cursor, limit."""
        answer = await self._call("GET", f"/v1/rooms/{room_id}/invitations?{urlencode(asked)}", bearer=self._api_key)
        listed: list[Body] = answer["invitations"]
        return listed

    async def revoke(self, room_id: str, invitation_id: str, *, remove: bool = False) -> None:
        path = f"/v1/rooms/{room_id}/invitations/{invitation_id}/revoke"
        await self._post(path, {"remove": remove}, bearer=self._api_key)

    async def extend(self, room_id: str, invitation_id: str) -> int:
        """Answers the instant until which the link may be claimed now."""
        path = f"/v1/rooms/{room_id}/invitations/{invitation_id}/extend"
        return int((await self._post(path, {}, bearer=self._api_key))["expires_at_ms"])

    async def participants(self, room_id: str, **asked: str | int) -> Body:
        """A page: `seq`, `participants`, `total`, `next_cursor`. `asked`: group, search, cursor, limit, at_least_seq."""
        return await self._call("GET", f"/v1/rooms/{room_id}/participants?{urlencode(asked)}", bearer=self._api_key)

    async def line(self, room_id: str, **asked: str | int) -> Body:
        """A page of who waits: `seq`, `waiters`, `total`, `next_cursor`."""
        return await self._call("GET", f"/v1/rooms/{room_id}/line?{urlencode(asked)}", bearer=self._api_key)

    async def act(self, room_id: str, path: str, **fields: Any) -> Body:
        """An act of the room product's, as a command does it: `api.act(room_id, "line/admit-all")`."""
        return await self._post(f"/v1/rooms/{room_id}/{path}", fields, bearer=self._api_key)

    async def site(self) -> Body:
        """The site's switches and domain rules, with their `rev`."""
        return await self._call("GET", "/v1/site", bearer=self._api_key)

    async def edit_site(self, **changes: Any) -> Body:
        return await self._call("PATCH", "/v1/site", changes, bearer=self._api_key)

    async def would_get_in(self, email: str, room_id: str | None = None) -> Body:
        """What the domain rules say of an address: answers `allowed`, `decided_by`; of a room also `invited`."""
        path = f"/v1/rooms/{room_id}/would-get-in" if room_id else "/v1/would-get-in"
        return await self._post(path, {"email": email}, bearer=self._api_key)

    async def create_guest_link(self, room_id: str, name: str, **limits: int) -> Body:
        """`limits`: max_clicks, valid_days. Answers `guest_link_id`, `link`, `expires_at_ms`."""
        return await self._post(f"/v1/rooms/{room_id}/guest-links", {"name": name, **limits}, bearer=self._api_key)

    async def guest_links(self, room_id: str) -> list[Body]:
        answer = await self._call("GET", f"/v1/rooms/{room_id}/guest-links", bearer=self._api_key)
        listed: list[Body] = answer["guest_links"]
        return listed

    async def edit_guest_link(self, room_id: str, guest_link_id: str, **changes: Any) -> Body:
        path = f"/v1/rooms/{room_id}/guest-links/{guest_link_id}"
        return await self._call("PATCH", path, changes, bearer=self._api_key)

    async def delete_guest_link(self, room_id: str, guest_link_id: str) -> None:
        await self._call("DELETE", f"/v1/rooms/{room_id}/guest-links/{guest_link_id}", bearer=self._api_key)

    # ── The site's people, and many at once ──────────────────────────────────────────────────────────────────────────

    async def put_people(self, people: list[Body]) -> Body:
        """Store people of the site: answers `rows`, one for each, and `counts`."""
        return await self._post("/v1/directory/people", {"people": people}, bearer=self._api_key)

    async def people(self, **asked: str | int) -> Body:
        """`asked`: cursor, limit, query. Answers `people`, `next_cursor`."""
        return await self._call("GET", f"/v1/directory/people?{urlencode(asked)}", bearer=self._api_key)

    async def person(self, person_id: str) -> Body:
        return await self._call("GET", f"/v1/directory/people/{person_id}", bearer=self._api_key)

    async def delete_person(self, person_id: str) -> None:
        await self._call("DELETE", f"/v1/directory/people/{person_id}", bearer=self._api_key)

    async def suggest(self, room_id: str, text: str, *, session_token: str | None = None) -> list[Body]:
        """People of the site whom one may invite, by what was typed so far."""
        path = f"/v1/rooms/{room_id}/suggestions?{urlencode({'text': text})}"
        answer = await self._call("GET", path, bearer=session_token or self._api_key)
        suggested: list[Body] = answer["suggestions"]
        return suggested

    async def invite_many(
        self, room_id: str, rows: list[Body] | str, *, dry_run: bool = False, upload_key: str | None = None
    ) -> Body:
        """Invite many, from rows or from the text of a CSV file: answers `rows`, one for each, and `counts`. `upload_key`: so
        that the same upload again makes nothing twice, whatever has become of its invitations."""
        path = f"/v1/rooms/{room_id}/invitations/bulk" + ("?dry_run=1" if dry_run else "")
        headers = {"Content-Type": "text/csv" if isinstance(rows, str) else "application/json"}
        if upload_key is not None:
            headers["Idempotency-Key"] = upload_key
        raw = rows if isinstance(rows, str) else json.dumps({"rows": rows})
        return await self._send("POST", path, raw.encode(), headers, bearer=self._api_key)

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
        headers = {"Content-Type": "application/json"} if body is not None else {}
        return await self._send(method, path, b"" if body is None else json.dumps(body).encode(), headers, bearer=bearer)

    async def _send(self, method: str, path: str, raw: bytes, headers: dict[str, str], *, bearer: str | None) -> Body:
        sent = headers | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        return _read(await request(method, self.url + path, headers=sent, body=raw))


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


def _guest_path(link: Link, step: str) -> str:
    return f"/v1/rooms/{link.room_id}/guest/{step}"


def _key_of(device: Device | None) -> Body:
    return {"device_key": device.jwk} if device else {}


def _claim_body(link: Link, nonce: str, email: str | None, device: Device | None) -> Body:
    body: Body = {"secret": link.secret, "nonce": nonce, **_key_of(device)}
    if email is not None:
        body["email"] = email
    if device is not None:
        body["proof"] = device.claim_proof(nonce)
    return body

"""HTTP for operators: the API keys, and by which keys tokens and links are signed. Never a secret but a new one's, once."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from server.actions import api_keys
from server.actions.api_keys import OF_SETTINGS
from server.domain.api_keys import MAX_API_KEYS, MAX_KEY_NAME_CHARS, ApiKey
from server.domain.refusals import ApiKeyLimit, ApiKeyUnknown
from server.settings import Keyring
from server.web.answers import Body
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.wire.views import View

operations = Operations("Keys")


class CreateKeyBody(Body):
    name: Annotated[str, Meta(min_length=1, max_length=MAX_KEY_NAME_CHARS, pattern=r"\S")]


class ApiKeyView(View):
    """One API key, without its secret. `from_settings`: it stands in ADMIN_API_KEYS, and nothing more is known of it.
    `last_used_at_ms`: to the minute, null for never."""

    key_id: str
    name: str
    created_at_ms: int | None
    last_used_at_ms: int | None
    from_settings: bool


class KeyringView(View):
    """`signs`: the id of the key that makes new ones; `verify`: of all that are taken, that one first."""

    signs: str
    verify: list[str]


class KeysAnswer(View):
    """`most`: how many keys there may be beside those of the settings."""

    api_keys: list[ApiKeyView]
    most: int
    session_keys: KeyringView
    link_keys: KeyringView


class CreatedKeyAnswer(ApiKeyView):
    """`secret`: to be sent as `Authorization: Bearer …`; it is told this once. Null where the same Idempotency-Key made the key
    before: delete it then, and make another."""

    secret: str | None


@operations.get("/v1/keys", caller=Caller.SITE)
async def list_keys(call: Call) -> KeysAnswer:
    """List the API keys, and the ids of the keys that sign tokens and make links."""
    settings = call.services.settings
    of_settings = [
        ApiKeyView(
            key_id=f"{OF_SETTINGS}{number}", name=f"ADMIN_API_KEYS {number}", created_at_ms=None, last_used_at_ms=None,
            from_settings=True,
        )
        for number in range(1, len(settings.admin_api_keys) + 1)
    ]
    made = [ApiKeyView(**_fields(key)) for key in await api_keys.load_keys(call.services)]
    return KeysAnswer(
        api_keys=[*of_settings, *made], most=MAX_API_KEYS,
        session_keys=_keyring(settings.session_keys), link_keys=_keyring(settings.link_keys),
    )


@operations.post("/v1/keys", caller=Caller.SITE, status=201, refuses=(ApiKeyLimit,))
async def create_key(call: Call, body: CreateKeyBody) -> CreatedKeyAnswer:
    """Make an API key.

    Its secret is told in this answer and kept nowhere.
    """
    made = await api_keys.make_key(call.services, call.request, body.name)
    return CreatedKeyAnswer(**_fields(made.key), secret=made.secret)


@operations.delete("/v1/keys/{key_id}", caller=Caller.SITE, refuses=(ApiKeyUnknown,))
async def delete_key(call: Call) -> None:
    """Delete an API key.

    It opens nothing from now on; at other nodes within `SITE_CHECK_MS`. Keys of the settings are taken out there.
    """
    await api_keys.delete_key(call.services, call.request, call.path["key_id"])


def _fields(key: ApiKey) -> dict[str, Any]:
    return {
        "key_id": key.key_id, "name": key.name, "created_at_ms": key.created_at_ms, "last_used_at_ms": key.last_used_at_ms,
        "from_settings": False,
    }


def _keyring(ring: Keyring) -> KeyringView:
    return KeyringView(signs=ring.current[0], verify=list(ring.keys))

"""The secrets of links: never stored, always made again from ids and a key that is not in Redis."""

from __future__ import annotations

import base64
import hashlib
import hmac

from server.domain.guests import GuestLink
from server.domain.invitation import Invitation
from server.settings import Keyring

SECRET_BYTES = 20
MAX_SECRET_CHARS = 64


class LinkSecrets:
    def __init__(self, keys: Keyring, public_url: str) -> None:
        self._keys = keys
        self._public_url = public_url.rstrip("/")

    @property
    def current_key_id(self) -> str:
        return self._keys.current[0]

    def secret_for(self, room_id: str, invitation_id: str, issue: int, key_id: str) -> str:
        """160 bits of HMAC-SHA-256 over what the link is for. Raises: KeyError where the key has been retired."""
        key = self._keys.get(key_id)
        if key is None:
            raise KeyError(key_id)
        digest = hmac.digest(key.encode(), f"link|{room_id}|{invitation_id}|{issue}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:SECRET_BYTES]).rstrip(b"=").decode()

    def link_for(self, room_id: str, invitation: Invitation) -> str:
        """The whole link: the secret in the fragment, which no server and no log sees. Raises: KeyError."""
        secret = self.secret_for(room_id, invitation.invitation_id, invitation.issue, invitation.key_id)
        return f"{self._public_url}/join/{room_id}#{secret}"

    def code_for(self, room_id: str, invitation: Invitation, issued_at_ms: int) -> str:
        """The six digits that were mailed at that instant; made again where they are checked."""
        key = self._keys.get(invitation.key_id) or self._keys.current[1]
        named = f"code|{room_id}|{invitation.invitation_id}|{invitation.issue}|{issued_at_ms}"
        return f"{int.from_bytes(hmac.digest(key.encode(), named.encode(), 'sha256')[:8]) % 1_000_000:06}"

    def guest_link_for(self, room_id: str, link: GuestLink) -> str:
        """The same for a guest link, which says in its fragment what it is. Raises: KeyError."""
        secret = self.secret_for(room_id, link.guest_link_id, 1, link.key_id)
        return f"{self._public_url}/join/{room_id}#g.{secret}"


def hash_secret(secret: str) -> str:
    """What Redis knows of a secret."""
    return hashlib.sha256(secret[:MAX_SECRET_CHARS].encode()).hexdigest()

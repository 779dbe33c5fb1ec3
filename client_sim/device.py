"""A device: a P-256 key that it keeps, and the proofs that it signs with it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

COORDINATE_BYTES = 32


class Device:
    """One browser profile, or what a program has instead of it: whoever holds the key is the device."""

    def __init__(self, key: ec.EllipticCurvePrivateKey | None = None) -> None:
        self._key = key or ec.generate_private_key(ec.SECP256R1())

    @classmethod
    def kept_in(cls, path: Path) -> Device:
        """The device whose key is in the PEM file `path`; made there, readable by its owner only, where there is none.

        Raises:
            ValueError: the file holds something other than a P-256 private key.
        """
        if path.exists():
            return cls(_read_key(path))
        device = cls()
        device._write_key(path)
        return device

    @property
    def jwk(self) -> dict[str, str]:
        """The public key as a JWK, without anything private."""
        numbers = self._key.public_key().public_numbers()
        x, y = (base64url(n.to_bytes(COORDINATE_BYTES, "big")) for n in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    @property
    def thumbprint(self) -> str:
        """RFC 7638: SHA-256 of the JWK's required members in lexicographic order, base64url."""
        canonical = json.dumps(self.jwk, sort_keys=True, separators=(",", ":"))
        return base64url(hashlib.sha256(canonical.encode("ascii")).digest())

    def claim_proof(self, nonce: str) -> str:
        """The signature that goes with a claim, or with the question to use a claimed link here."""
        return self._sign(f"greenroom-claim:{nonce}")

    def hello_proof(self, nonce: str) -> str:
        """The signature that goes with `hello`, over the challenge's nonce."""
        return self._sign(f"greenroom-hello:{nonce}")

    def _sign(self, text: str) -> str:
        r, s = decode_dss_signature(self._key.sign(text.encode("ascii"), ec.ECDSA(hashes.SHA256())))
        return base64url(r.to_bytes(COORDINATE_BYTES, "big") + s.to_bytes(COORDINATE_BYTES, "big"))

    def _write_key(self, path: Path) -> None:
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        # O_EXCL and the mode at creation: at no moment does the file exist readable by others.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)


def base64url(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError(f"{path} holds no P-256 private key.")
    return key

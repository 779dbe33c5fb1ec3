"""Proofs of possession: a P-256 key that a browser cannot export signs the nonce of each claim and each hello."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from server.domain.refusals import ProofInvalid

SIGNATURE_BYTES = 64
COORDINATE_BYTES = 32


def thumbprint_of(jwk: dict[str, Any]) -> str:
    """RFC 7638 thumbprint of a P-256 public key, base64url. Raises: ProofInvalid."""
    _load_key(jwk)
    # Spelled anew: padding, or the bits that base64 leaves over, would make two devices of one key.
    members = {"crv": jwk["crv"], "kty": jwk["kty"], "x": _encode(_decode(jwk["x"])), "y": _encode(_decode(jwk["y"]))}
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return _encode(hashlib.sha256(canonical.encode()).digest())


def check_claim_proof(jwk: dict[str, Any], nonce: str, proof: str) -> None:
    """Raises: ProofInvalid."""
    _check(jwk, f"greenroom-claim:{nonce}", proof)


def check_hello_proof(jwk: dict[str, Any], nonce: str, proof: str) -> None:
    """Raises: ProofInvalid."""
    _check(jwk, f"greenroom-hello:{nonce}", proof)


def _check(jwk: dict[str, Any], text: str, proof: str) -> None:
    signature = _decode(proof)
    if len(signature) != SIGNATURE_BYTES:
        raise ProofInvalid
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        _load_key(jwk).verify(utils.encode_dss_signature(r, s), text.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise ProofInvalid from None


def _load_key(jwk: dict[str, Any]) -> ec.EllipticCurvePublicKey:
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or not all(isinstance(jwk.get(c), str) for c in "xy"):
        raise ProofInvalid("The device key is no P-256 public key.")
    x, y = _decode(jwk["x"]), _decode(jwk["y"])
    if len(x) != COORDINATE_BYTES or len(y) != COORDINATE_BYTES:
        raise ProofInvalid("The device key is no P-256 public key.")
    try:
        return ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1()).public_key()
    except ValueError:
        raise ProofInvalid("The device key is no P-256 public key.") from None


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ProofInvalid from None

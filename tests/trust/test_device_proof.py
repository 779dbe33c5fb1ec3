"""Proofs of possession: only the key that is named, over just this nonce, for just this purpose."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from client_sim.device import Device, base64url
from server.domain.refusals import ProofInvalid
from server.trust.device_proof import check_claim_proof, check_hello_proof, thumbprint_of

NONCE = "a-nonce"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signature(r: int, s: int) -> str:
    return base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def test_the_devices_own_proofs_are_accepted_each_for_its_purpose():
    device = Device()
    check_claim_proof(device.jwk, NONCE, device.claim_proof(NONCE))
    check_hello_proof(device.jwk, NONCE, device.hello_proof(NONCE))


def test_a_proof_for_one_purpose_is_none_for_the_other():
    device = Device()
    with pytest.raises(ProofInvalid):
        check_hello_proof(device.jwk, NONCE, device.claim_proof(NONCE))
    with pytest.raises(ProofInvalid):
        check_claim_proof(device.jwk, NONCE, device.hello_proof(NONCE))


def test_another_devices_proof_is_refused():
    with pytest.raises(ProofInvalid):
        check_hello_proof(Device().jwk, NONCE, Device().hello_proof(NONCE))


@pytest.mark.parametrize("other", ["another-nonce", "", "a-nonce ", "A-nonce"])
def test_a_proof_over_another_nonce_is_refused(other):
    device = Device()
    with pytest.raises(ProofInvalid):
        check_hello_proof(device.jwk, NONCE, device.hello_proof(other))


@pytest.mark.parametrize("proof", ["", "A", "====", "not base64!", "é", base64url(b"x" * 63), base64url(b"x" * 65), "A" * 200])
def test_what_has_not_the_length_of_a_signature_is_refused(proof):
    with pytest.raises(ProofInvalid):
        check_hello_proof(Device().jwk, NONCE, proof)


@pytest.mark.parametrize(
    ("r", "s"), [(0, 0), (0, 1), (1, 0), (ORDER, 1), (1, ORDER), (2**256 - 1, 2**256 - 1)],
)
def test_numbers_that_no_signature_has_are_refused(r, s):
    with pytest.raises(ProofInvalid):
        check_hello_proof(Device().jwk, NONCE, signature(r, s))


@pytest.mark.parametrize("bit", [0, 255, 256, 511])
def test_a_signature_with_one_bit_turned_is_refused(bit):
    device = Device()
    turned = int.from_bytes(decoded(device.hello_proof(NONCE)), "big") ^ (1 << bit)
    with pytest.raises(ProofInvalid):
        check_hello_proof(device.jwk, NONCE, base64url(turned.to_bytes(64, "big")))


def test_a_signature_in_der_is_refused():
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.sign(f"greenroom-hello:{NONCE}".encode(), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(ProofInvalid):
        check_hello_proof(Device(key).jwk, NONCE, base64url(der))


@pytest.mark.parametrize("prefix", ["", "greenroom-hello", "Greenroom-hello:", "greenroom-hello: ", "greenroom:hello:"])
def test_a_signature_under_another_name_is_refused(prefix):
    device = Device()
    with pytest.raises(ProofInvalid):
        check_hello_proof(device.jwk, NONCE, device._sign(prefix + NONCE))


def _numbers(jwk: dict[str, str]) -> tuple[int, int]:
    x, y = (int.from_bytes(decoded(jwk[name]), "big") for name in "xy")
    return x, y


def bad_keys() -> dict[str, dict[str, Any]]:
    good: dict[str, Any] = dict(Device().jwk)
    x, y = _numbers(good)
    off = base64url(((y + 1) % FIELD).to_bytes(32, "big"))
    zero = base64url(bytes(32))
    return {
        "beside the curve": good | {"y": off},
        "the point at infinity": good | {"x": zero, "y": zero},
        "a coordinate beyond the field": good | {"x": base64url((2**256 - 1).to_bytes(32, "big"))},
        "a coordinate too short": good | {"x": base64url(x.to_bytes(32, "big")[1:])},
        "a coordinate too long": good | {"x": base64url(b"\0" + x.to_bytes(32, "big"))},
        "no base64": good | {"x": "!" * 43},
        "a coordinate that is no text": good | {"x": 1},
        "no coordinate": {name: value for name, value in good.items() if name != "y"},
        "another curve": good | {"crv": "P-384"},
        "another kind": good | {"kty": "RSA"},
        "a secret": {"kty": "oct", "k": base64url(b"k" * 32)},
        "nothing": {},
    }


@pytest.mark.parametrize("key", bad_keys().values(), ids=bad_keys().keys())
def test_what_is_no_point_on_the_curve_is_no_key(key):
    with pytest.raises(ProofInvalid):
        thumbprint_of(key)
    with pytest.raises(ProofInvalid):
        check_hello_proof(key, NONCE, Device().hello_proof(NONCE))


def test_a_thumbprint_is_the_standards_own_and_the_same_in_every_process():
    device = Device()
    assert thumbprint_of(device.jwk) == device.thumbprint
    assert thumbprint_of(device.jwk) != thumbprint_of(Device().jwk)


def test_one_key_has_one_thumbprint_however_it_is_written():
    """A second spelling of the same key would be a second device."""
    device = Device()
    x = device.jwk["x"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other_last = alphabet[alphabet.index(x[-1]) ^ 1]  # the last two bits of 43 characters carry nothing
    for spelled in (x + "=", x[:-1] + other_last):
        assert decoded(spelled.rstrip("=")) == decoded(x)
        assert thumbprint_of(device.jwk | {"x": spelled}) == device.thumbprint


def test_further_members_of_a_key_change_nothing():
    device = Device()
    assert thumbprint_of(device.jwk | {"kid": "1", "ext": "true"}) == device.thumbprint

"""A device keeps its key to itself and proves that it has it."""

from __future__ import annotations

import base64
import stat

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from client_sim.device import Device


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def check_signature(jwk: dict[str, str], signature: str, text: bytes) -> None:
    x, y = (int.from_bytes(raw(jwk[name]), "big") for name in "xy")
    r, s = (int.from_bytes(half, "big") for half in (raw(signature)[:32], raw(signature)[32:]))
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    public.verify(encode_dss_signature(r, s), text, ec.ECDSA(hashes.SHA256()))


def test_proofs_are_over_the_nonce_with_the_purpose_before_it():
    device = Device()
    check_signature(device.jwk, device.claim_proof("n1"), b"greenroom-claim:n1")
    check_signature(device.jwk, device.hello_proof("n1"), b"greenroom-hello:n1")
    with pytest.raises(InvalidSignature):
        check_signature(device.jwk, device.claim_proof("n1"), b"greenroom-hello:n1")


def test_a_proof_is_64_bytes_whatever_the_numbers():
    device = Device()
    assert {len(raw(device.claim_proof(str(number)))) for number in range(200)} == {64}


def test_a_coordinate_with_leading_zeros_keeps_its_32_bytes():
    assert {len(raw(coordinate)) for _ in range(300) for coordinate in (Device().jwk[name] for name in "xy")} == {32}


def test_the_thumbprint_is_the_one_of_rfc_7638():
    # The key of RFC 7517, appendix A.1, and its SHA-256 thumbprint.
    jwk = {
        "kty": "EC", "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }  # fmt: skip
    d = int.from_bytes(raw("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"), "big")
    device = Device(ec.derive_private_key(d, ec.SECP256R1()))
    assert device.jwk == jwk
    assert device.thumbprint == "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"


def test_a_kept_device_is_the_same_again_and_its_file_is_its_owners_alone(tmp_path):
    path = tmp_path / "device.pem"
    first = Device.kept_in(path)
    assert Device.kept_in(path).thumbprint == first.thumbprint
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_with_another_kind_of_key_is_refused(tmp_path):
    path = tmp_path / "device.pem"
    pem = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(pem)
    with pytest.raises(ValueError, match="P-256"):
        Device.kept_in(path)

"""Which network a request counts for, as trusted proxies forward it in their several spellings."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from server.web.addresses import network_of
from tests.support.rooms import make_settings

PROXY = "10.0.0.1"


def network(forwarded: str | None, client: str = PROXY) -> str:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded is not None else []
    request = Request({"type": "http", "client": (client, 1234), "headers": headers})
    return network_of(request, make_settings("memory://", trusted_proxies=(PROXY,)))


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:50123", "192.0.2.7"),
        ("2001:db8:1:2::7", "2001_db8_1_2__"),
        ("[2001:db8:1:2::7]", "2001_db8_1_2__"),
        ("[2001:db8:1:2::7]:443", "2001_db8_1_2__"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("203.0.113.9, 192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 10.0.0.1:8080", "192.0.2.7"),
        ("192.0.2.7:50123:1", "unknown"),
        ("nonsense", "unknown"),
        (None, PROXY),
    ],
)
def test_the_rightmost_address_that_is_no_trusted_proxy_counts_with_or_without_its_port(forwarded, expected):
    assert network(forwarded) == expected


def test_what_a_stranger_forwards_does_not_count():
    assert network("192.0.2.7", client="198.51.100.4") == "198.51.100.4"

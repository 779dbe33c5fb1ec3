"""What a REDIS_URL may say, and what is said of one that makes no sense."""

from __future__ import annotations

import pytest

from server.redis_url import StoreAddress, StoreKind, UrlError, parse_redis_url

SERVER, SENTINEL, CLUSTER = StoreKind.SERVER, StoreKind.SENTINEL, StoreKind.CLUSTER

ADDRESSES = [
    ("memory://", StoreAddress(kind=StoreKind.EMBEDDED)),
    ("redis://h", StoreAddress(kind=SERVER, hosts=(("h", 6379),))),
    ("redis://h:7000/3", StoreAddress(kind=SERVER, hosts=(("h", 7000),), db=3)),
    ("redis://h?db=3", StoreAddress(kind=SERVER, hosts=(("h", 6379),), db=3)),
    ("redis://[::1]:7000", StoreAddress(kind=SERVER, hosts=(("::1", 7000),))),
    ("redis://[::1]", StoreAddress(kind=SERVER, hosts=(("::1", 6379),))),
    ("redis://:p%40ss@h", StoreAddress(kind=SERVER, hosts=(("h", 6379),), password="p@ss")),
    ("redis://app:p:w@h", StoreAddress(kind=SERVER, hosts=(("h", 6379),), username="app", password="p:w")),
    ("rediss://h?ssl_ca_certs=/ca.pem", StoreAddress(
        kind=SERVER, hosts=(("h", 6379),), tls=True, options=(("ssl_ca_certs", "/ca.pem"),),
    )),
    ("unix:///run/redis.sock", StoreAddress(kind=SERVER, socket_path="/run/redis.sock")),
    ("unix://:pw@/run/redis.sock?db=2", StoreAddress(kind=SERVER, socket_path="/run/redis.sock", password="pw", db=2)),
    ("redis+sentinel://a,b:1,c/rooms", StoreAddress(
        kind=SENTINEL, hosts=(("a", 26379), ("b", 1), ("c", 26379)), service="rooms",
    )),
    ("rediss+sentinel://u:p@a/rooms/4?sentinel_username=s&sentinel_password=t", StoreAddress(
        kind=SENTINEL, hosts=(("a", 26379),), service="rooms", db=4, tls=True, username="u", password="p",
        sentinel_username="s", sentinel_password="t",
    )),
    ("redis+cluster://a:1,b", StoreAddress(kind=CLUSTER, hosts=(("a", 1), ("b", 6379)))),
    ("rediss+cluster://u:p@a/0", StoreAddress(kind=CLUSTER, hosts=(("a", 6379),), tls=True, username="u", password="p")),
]  # fmt: skip


@pytest.mark.parametrize(("url", "address"), ADDRESSES, ids=[url for url, _ in ADDRESSES])
def test_every_form_is_read(url, address):
    assert parse_redis_url(url) == address


WRONG = [
    ("localhost:6379", "must begin with"),
    ("http://h", "must begin with"),
    ("redis+sentinels://h/rooms", "must begin with"),
    ("redis://", "a host is missing"),
    ("redis://a,b", "several servers"),
    ("redis://h:port", "a port is"),
    ("redis://h:0", "a port is"),
    ("redis://h:70000", "a port is"),
    ("redis://::1", "in brackets"),
    ("redis://[::1", "in brackets"),
    ("redis://h/rooms", "number of a database"),
    ("redis://h/0/1", "number of a database"),
    ("redis://h/٣", "number of a database"),
    ("redis://h?timeout=3", "no option 'timeout'"),
    ("redis://h?ssl_ca_certs=/ca.pem", "no option 'ssl_ca_certs'"),
    ("unix://run/redis.sock", "whole path"),
    ("unix://", "whole path"),
    ("redis+sentinel://a,b,c", "name that the Sentinels know"),
    ("redis+sentinel://a,,c/rooms", "a host is missing"),
    ("redis+sentinel://a/rooms/x", "number of a database"),
    ("redis+cluster://a/1", "no other database"),
    ("redis+cluster://a?sentinel_password=x", "no option 'sentinel_password'"),
]


@pytest.mark.parametrize(("url", "why"), WRONG, ids=[url for url, _ in WRONG])
def test_one_that_makes_no_sense_is_refused_in_words(url, why):
    with pytest.raises(UrlError, match=why):
        parse_redis_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "redis://u:very-private@h:port", "redis+sentinel://u:very-private@a", "redis://h,g?x=very-private",
        "redis://:a?very-private@h", "redis://u:1#very-private@h", "redis+sentinel://u:1/very-private@a",
        "redis+sentinel://u:1/very-private@a,b/rooms", "redis+cluster://u:1/very-private@a",
    ],
)
def test_no_word_of_a_password_is_said(url):
    with pytest.raises(UrlError) as caught:
        parse_redis_url(url)
    assert "very-private" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://u:very-private@h", "h:6379"),
        ("redis+sentinel://u:very-private@a,b/rooms", "'rooms' by the Sentinels a:26379, b:26379"),
        ("redis+cluster://u:very-private@[::1]:1,b", "the Cluster of [::1]:1, b:6379"),
        ("unix:///run/redis.sock", "/run/redis.sock"),
        ("memory://", "the embedded store"),
    ],
)
def test_people_are_shown_where_it_leads_without_the_password(url, shown):
    assert parse_redis_url(url).shown == shown

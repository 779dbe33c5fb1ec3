"""The secrets of links: made from ids and a key, never kept, and none says anything about another."""

from __future__ import annotations

import base64
import itertools

import pytest

from server.domain.roles import Role
from server.settings import Keyring, Secret
from server.trust.link_secrets import LinkSecrets, hash_secret
from tests.support.rooms import ENVIRON, ROOM, open_site

KEYS = Keyring({"k2": Secret("new-link-key-0123456789abcdefghijk"), "k1": Secret("old-link-key-0123456789abcdefghijk")})


def links(keys: Keyring = KEYS) -> LinkSecrets:
    return LinkSecrets(keys, "https://rooms.example.com/")


def test_a_secret_has_160_bits():
    secret = links().secret_for("r1", "i1", 1, "k2")
    assert len(base64.urlsafe_b64decode(secret + "=")) * 8 == 160


def test_a_secret_is_the_same_whenever_it_is_made_again():
    assert links().secret_for("r1", "i1", 1, "k2") == links().secret_for("r1", "i1", 1, "k2")


def test_secrets_differ_by_room_invitation_issue_and_key():
    parts = itertools.product(("r1", "r2"), ("i1", "i2"), (1, 2), ("k1", "k2"))
    made = [links().secret_for(*part) for part in parts]
    assert len(set(made)) == len(made) == 16


@pytest.mark.parametrize(
    ("one", "other"),
    [(("r1", "i12", 1), ("r1", "i1", 21)), (("r1", "i1", 11), ("r1i", "1", 11)), (("ab", "c", 1), ("a", "bc", 1))],
)
def test_ids_that_read_alike_when_joined_make_different_secrets(one, other):
    assert links().secret_for(*one, "k2") != links().secret_for(*other, "k2")


def test_a_retired_key_makes_no_secret():
    with pytest.raises(KeyError):
        links().secret_for("r1", "i1", 1, "k0")


def test_the_first_key_makes_new_links_and_the_one_before_still_makes_its_own():
    assert links().current_key_id == "k2"
    only_old = Keyring({"k1": KEYS.keys["k1"]})
    assert links().secret_for("r1", "i1", 1, "k1") == links(only_old).secret_for("r1", "i1", 1, "k1")


def test_what_the_store_knows_of_a_secret_does_not_contain_it():
    secret = links().secret_for("r1", "i1", 1, "k2")
    assert len(hash_secret(secret)) == 64
    assert secret not in hash_secret(secret)


@pytest.mark.parametrize("mangled", [str.lower, str.upper, str.swapcase, lambda s: s + "A", lambda s: s[:-1], lambda s: " " + s])
def test_a_mangled_secret_is_another_secret(mangled):
    secret = links().secret_for("r1", "i1", 1, "k2")
    assert hash_secret(mangled(secret)) != hash_secret(secret)


async def test_a_dump_of_the_store_holds_no_link_and_no_key(store_url):
    async with open_site(store_url) as site:
        await site.create_room()
        await site.arrive("boss", Role.MANAGER)
        invited = await site.invite("vera", by="boss")
        redis = site.store.redis
        dump = []
        for key in await redis.keys("*"):
            kind = (await redis.type(key)).decode()
            reads = {"string": redis.get, "hash": redis.hgetall, "set": redis.smembers, "stream": redis.xrange}
            dump.append((key, await (reads[kind](key) if kind in reads else redis.zrange(key, 0, -1))))
        shown = repr(dump)
        assert ROOM in shown
        assert hash_secret(invited["secret"]) in shown
        assert invited["secret"] not in shown
        assert ENVIRON["LINK_KEYS"].partition(":")[2] not in shown

"""Every key in Redis, what it holds and how long.

All keys of a room carry the hash tag of its shard, so that each script stays within one slot of a Cluster. Room keys go
`room_retention_s` after the room's last change or its planned end, whichever is later; the prelude of the scripts renews
them. Shard keys: `log` and `mail_dead` are trimmed by length; `log_n`, `epoch`, `due`, `nodes`, `rooms`, `site` and `mail`
are one small key a shard and live as long as the shard (their members go with what they name). The site's directory: see
`DirectoryKeys`, its API keys: `ApiKeyKeys`.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from functools import lru_cache

from redis.crc import key_slot

CLUSTER_SLOTS = 16_384


@lru_cache
def shard_tag(shard: int, shards: int) -> str:
    """A hash tag whose slot lies in the shard's own part of the slots, so that shards spread evenly over masters."""
    first, last = shard * CLUSTER_SLOTS // shards, (shard + 1) * CLUSTER_SLOTS // shards
    attempt = 0
    while not first <= key_slot(f"{shard}.{attempt}".encode()) < last:
        attempt += 1
    return f"{{{shard}.{attempt}}}"


def shard_of(room_id: str, shards: int) -> int:
    return binascii.crc32(room_id.encode()) % shards


@dataclass(frozen=True)
class ShardKeys:
    tag: str

    @property
    def log(self) -> str:
        """Stream: every event of the shard's rooms, ids n-0; followed by all nodes."""
        return f"gr:{self.tag}:log"

    @property
    def log_n(self) -> str:
        """Counter: the last n of `log`."""
        return f"gr:{self.tag}:log_n"

    @property
    def epoch(self) -> str:
        """String: names this life of the shard's data, and the server process that it began in; positions of another epoch are
        refused."""
        return f"gr:{self.tag}:epoch"

    @property
    def due(self) -> str:
        """Sorted set: what is to be done (`kind|room_id|…`) by the instant it is due."""
        return f"gr:{self.tag}:due"

    @property
    def nodes(self) -> str:
        """Set: nodes that have, or had, tabs here; the sweeper takes out the dead."""
        return f"gr:{self.tag}:nodes"

    @property
    def rooms(self) -> str:
        """Set: ids of the rooms that are not deleted; of one whose keys have run out until the list is read."""
        return f"gr:{self.tag}:rooms"

    @property
    def site(self) -> str:
        """String: the site-wide switches and domain rules as JSON, the same on every shard."""
        return f"gr:{self.tag}:site"

    @property
    def mail(self) -> str:
        """Stream: mails to be sent for the shard's rooms, read by a consumer group; entries go once they are dealt with."""
        return f"gr:{self.tag}:mail"

    @property
    def mail_dead(self) -> str:
        """Stream: mails that could not be sent, the newest thousand or so."""
        return f"gr:{self.tag}:mail_dead"

    @property
    def mails(self) -> str:
        """Hash: mail id → record as JSON, of every mail that is not dealt with yet; each goes after its last try."""
        return f"gr:{self.tag}:mails"

    @property
    def confirm(self) -> str:
        """String: written after what replicas are waited for; lives a minute."""
        return f"gr:{self.tag}:confirm"

    def lease(self, node_id: str) -> str:
        """String with the node's incarnation; lives `lease_ttl_ms` from its last renewal."""
        return f"gr:{self.tag}:node:{node_id}"

    def node_tabs(self, node_id: str) -> str:
        """Set: `room_id|participant_id|connection_id` of the node's tabs; deleted when the node is swept."""
        return f"gr:{self.tag}:node_tabs:{node_id}"


@dataclass(frozen=True)
class RoomKeys:
    tag: str
    room_id: str

    def _key(self, name: str) -> str:
        return f"gr:{self.tag}:room:{self.room_id}:{name}"

    @property
    def room(self) -> str:
        """Hash: `doc` the room's record as JSON, `seq` its log's counter, `line_n` the last place given in the line,
        `guests` how many devices guest links have let in, `host_in_line` that a host is in it who needs no seat,
        `crowd` which lists are too long to be told row by row, `resized_seq` since which seq."""
        return self._key("room")

    @property
    def people(self) -> str:
        """Hash: participant id → record as JSON."""
        return self._key("people")

    @property
    def identities(self) -> str:
        """Hash: `user:<id>` or `email:<address>`, proven → participant id."""
        return self._key("identities")

    @property
    def tabs(self) -> str:
        """Hash: participant id → JSON of connection id → `node_id|incarnation`."""
        return self._key("tabs")

    @property
    def line(self) -> str:
        """Sorted set: the waiters' participant ids by their place."""
        return self._key("line")

    @property
    def invitations(self) -> str:
        """Hash: invitation id → record as JSON."""
        return self._key("invitations")

    @property
    def links(self) -> str:
        """Hash: SHA-256 of a link's secret → invitation id; of every issue, so that old links get the right refusal."""
        return self._key("links")

    @property
    def addresses(self) -> str:
        """Hash: invited address → id of its present invitation."""
        return self._key("addresses")

    @property
    def applications(self) -> str:
        """Hash: participant id → how far their newest role has reached their tabs, as JSON."""
        return self._key("applications")

    @property
    def bans(self) -> str:
        """Hash: `k:<key thumbprint>` or `c:<cookie hash>` of a banned person's devices → the instant of the ban."""
        return self._key("bans")

    @property
    def log(self) -> str:
        """Stream: the room's own events, ids seq-0, the newest thousand or so; returning tabs resume from it."""
        return self._key("log")

    @property
    def seats(self) -> str:
        """Sorted set: participant id → until when the seat is kept, by Redis's clock; `inf` while a tab is open."""
        return self._key("seats")

    @property
    def hosts(self) -> str:
        """Set: participant ids of the hosts who are inside with a tab open."""
        return self._key("hosts")

    @property
    def row_keys(self) -> str:
        """Hash: the idempotency key of an uploaded row → the invitation that it made."""
        return self._key("row_keys")

    @property
    def guest_links(self) -> str:
        """Hash: guest link id → record as JSON. The secrets' hashes are in `links`, beside the invitations'."""
        return self._key("guest_links")

    @property
    def audit(self) -> str:
        """Stream: who did what, ids seq-0; kept longer than `log`, and never with a secret."""
        return self._key("audit")

    @property
    def refusals(self) -> str:
        """Stream: who was refused at a link or a hello, and why; lives `room_retention_s` from the last."""
        return self._key("refusals")

    def result(self, request_id: str) -> str:
        """String: the first answer to a request, after the fingerprint of what was asked; lives 120 s, or
        `idempotency_ttl_s` where the caller named the request with an Idempotency-Key."""
        return self._key(f"result:{request_id}")

    def codes(self, invitation_id: str) -> str:
        """Hash: when the last code was mailed to an invited address, which is still good, tries at it, and how many there were;
        lives a day from the first."""
        return self._key(f"codes:{invitation_id}")

    def attempts(self, invitation_id: str, network: str) -> str:
        """Counter: wrong addresses typed at a link from a network, or from `anywhere`; lives `claim_window_s`."""
        return self._key(f"attempts:{invitation_id}:{network}")


@dataclass(frozen=True)
class DirectoryKeys:
    """The site's people. No room is concerned, so they have a slot of their own; and they have no end, since the site keeps them
    by its own hand and only it knows who is gone."""

    tag: str = "{directory}"

    def _key(self, name: str) -> str:
        return f"gr:{self.tag}:{name}"

    @property
    def people(self) -> str:
        """Hash: person id → record as JSON."""
        return self._key("people")

    @property
    def addresses(self) -> str:
        """Hash: address → person id."""
        return self._key("addresses")

    @property
    def external_ids(self) -> str:
        """Hash: the site's own id of somebody → person id."""
        return self._key("external_ids")

    @property
    def words(self) -> str:
        """Hash: person id → the folded words that find them, each between spaces."""
        return self._key("words")

    @property
    def index(self) -> str:
        """Sorted set, all of one score and so in the order of bytes: folded word, a zero byte, person id."""
        return self._key("index")

    @property
    def listed(self) -> str:
        """Sorted set like `index`: address, a zero byte, person id."""
        return self._key("listed")

    def asked(self, asker: str) -> str:
        """Counter: suggestions that somebody asked for; lives for the window in which they are counted."""
        return self._key(f"asked:{asker}")

    def result(self, request_id: str) -> str:
        """String: the first answer to a request; lives 120 s."""
        return self._key(f"result:{request_id}")

    def all_of_people(self, request_id: str) -> list[str]:
        """What the scripts that change people are given, in their order."""
        return [
            self.people, self.addresses, self.external_ids, self.words, self.index, self.listed, self.result(request_id)
        ]


@dataclass(frozen=True)
class ApiKeyKeys:
    """The API keys that were made while the service runs: of no room, and without an end until they are deleted."""

    tag: str = "{api_keys}"

    @property
    def records(self) -> str:
        """Hash: key id → record as JSON, with the SHA-256 of the secret; 20 at most."""
        return f"gr:{self.tag}:records"

    @property
    def uses(self) -> str:
        """Hash: key id → when it was last used, to the minute."""
        return f"gr:{self.tag}:uses"

    def result(self, request_id: str) -> str:
        """String: the first answer to a request; lives 120 s."""
        return f"gr:{self.tag}:result:{request_id}"


class Keyspace:
    """Finds a room's keys from its id, and the site's."""

    def __init__(self, shards: int) -> None:
        self.shards = shards
        self.directory = DirectoryKeys()
        self.api_keys = ApiKeyKeys()
        self.by_shard = [ShardKeys(shard_tag(shard, shards)) for shard in range(shards)]

    def shard(self, room_id: str) -> ShardKeys:
        return self.by_shard[shard_of(room_id, self.shards)]

    def room(self, room_id: str) -> RoomKeys:
        return RoomKeys(self.shard(room_id).tag, room_id)

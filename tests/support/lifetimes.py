"""Which keys of the store may live for ever: those that `server/store/keys.py` gives a reason for, and no others."""

from __future__ import annotations

from server.store.keys import ShardKeys
from server.store.store import Store

NO_EXPIRY = -1


async def keys_without_end(store: Store) -> list[str]:
    """The keys that nothing will ever take away, and that are not of the few a shard keeps."""
    keys = [key.decode() for key in await store.redis.keys("*")]
    pipeline = store.redis.pipeline(transaction=False)
    for key in keys:
        pipeline.pttl(key)
    lifetimes_ms = await pipeline.execute() if keys else []
    kept = _kept_by_shards(store)
    return sorted(key for key, ms in zip(keys, lifetimes_ms, strict=True) if ms == NO_EXPIRY and not _is_kept(key, kept))


def _kept_by_shards(store: Store) -> tuple[set[str], tuple[str, ...]]:
    shards: list[ShardKeys] = store.keyspace.by_shard
    exact = {key for shard in shards for key in (shard.log, shard.log_n, shard.epoch, shard.due, shard.nodes, shard.rooms)}
    exact |= {key for shard in shards for key in (shard.site, shard.mail, shard.mail_dead, shard.mails)}
    directory = store.keyspace.directory
    exact |= {directory.people, directory.addresses, directory.external_ids, directory.words, directory.index, directory.listed}
    exact |= {store.keyspace.api_keys.records, store.keyspace.api_keys.uses}
    return exact, tuple(shard.node_tabs("") for shard in shards)


def _is_kept(key: str, kept: tuple[set[str], tuple[str, ...]]) -> bool:
    exact, prefixes = kept
    return key in exact or key.startswith(prefixes)

"""Real servers that fail over: a master with its replicas and Sentinels, and a Cluster."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Self

from redis.crc import key_slot

from tests.support.ports import HOST, free_port, is_free
from tests.support.process import Process
from tests.support.redis_server import RedisRefused, command_to, server_binary
from tests.support.waiting import wait_until

SERVICE = "greenroom"
# Long enough that a server on a core that it does not get for a while is not taken for dead.
DOWN_AFTER_MS = 5_000
READY_TIMEOUT_S = 30
FAILOVER_TIMEOUT_S = 60


class Server:
    """One server process with options of its own, on a port that it keeps for life."""

    def __init__(self, name: str, directory: Path, options: dict[str, str], *, sentinel: bool = False) -> None:
        self.name = name
        self.port = _free_port_with_bus()
        self._folder = directory / name
        self._folder.mkdir()
        self._sentinel = sentinel
        everybody = {"bind": HOST, "port": str(self.port), "dir": str(self._folder), "daemonize": "no"}
        self._config = self._folder / "server.conf"  # Sentinels write theirs
        self._config.write_text("".join(f"{key} {value}\n" for key, value in (everybody | options).items()))
        self._process = Process(self._words(), log_path=self._folder / "log")

    @property
    def is_running(self) -> bool:
        return self._process.is_running

    async def start(self) -> None:
        self._process.start()
        await wait_until(self.answers, READY_TIMEOUT_S, f"{self.name} on {self.port}")

    def kill(self) -> None:
        self._process.kill()

    def stop(self) -> None:
        """SIGSTOP: its connections stay open, and nothing answers."""
        self._process.pause()

    def cont(self) -> None:
        self._process.resume()

    async def command(self, *words: str) -> str:
        """Raises: RedisRefused; OSError: it cannot be reached."""
        return await asyncio.to_thread(command_to, self.port, *words)

    async def answers(self) -> bool:
        try:
            return await self.command("PING") == "PONG"
        except (OSError, RedisRefused):
            return False

    async def replication(self) -> dict[str, str]:
        lines = (await self.command("INFO", "replication")).splitlines()
        return dict(line.partition(":")[::2] for line in lines if ":" in line)

    async def is_master(self) -> bool:
        try:
            return (await self.replication())["role"] == "master"
        except (OSError, RedisRefused):
            return False

    async def replicas_online(self) -> int:
        """How many replicas follow it and are up to date."""
        told = await self.replication()
        return sum(name.startswith("slave") and "state=online" in line for name, line in told.items())

    def output(self) -> str:
        return self._process.output()

    def _words(self) -> list[str]:
        return [server_binary(), str(self._config), *(["--sentinel"] if self._sentinel else [])]


class _Group:
    """Servers that live and die together with a test."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="greenroom-redis-"))
        self.servers: list[Server] = []
        self.sentinels: list[Server] = []

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for server in (*self.servers, *self.sentinels):
            server.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    async def _start(self) -> None:
        raise NotImplementedError


# No disk: a copy goes from server to server. Diskless copies wait for others by default.
_QUICK = {"save": '""', "appendonly": "no", "repl-diskless-sync": "yes", "repl-diskless-sync-delay": "0", "repl-timeout": "20"}


class SentinelGroup(_Group):
    """A master, so many replicas, and three Sentinels. With `is_quick` they relieve a master that should be none after two
    seconds or so, in place of ten."""

    def __init__(self, *, replicas: int = 1, is_quick: bool = True, **options: str) -> None:
        super().__init__()
        self._is_quick = is_quick
        self._replicas = replicas
        self._options = {name.replace("_", "-"): value for name, value in options.items()}

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'{HOST}:{sentinel.port}' for sentinel in self.sentinels)}/{SERVICE}"

    async def _start(self) -> None:
        first = self._add({})
        for _ in range(self._replicas):
            self._add({"replicaof": f"{HOST} {first.port}"})
        monitor = {
            "sentinel monitor": f"{SERVICE} {HOST} {first.port} 2",
            "sentinel down-after-milliseconds": f"{SERVICE} {DOWN_AFTER_MS}",
            "sentinel failover-timeout": f"{SERVICE} 20000",
        }
        self.sentinels = [Server(f"sentinel{number}", self.directory, monitor, sentinel=True) for number in range(3)]
        await asyncio.gather(*(server.start() for server in (*self.servers, *self.sentinels)))
        for sentinel in self.sentinels if self._is_quick else ():
            await sentinel.command("SENTINEL", "DEBUG", "INFO-PERIOD", "1000", "PUBLISH-PERIOD", "500")
        await wait_until(self.is_whole, READY_TIMEOUT_S, "a whole group")

    def _add(self, options: dict[str, str]) -> Server:
        self.servers.append(Server(f"server{len(self.servers)}", self.directory, _QUICK | self._options | options))
        return self.servers[-1]

    async def master_port(self) -> int:
        """By what the Sentinels say."""
        words = ("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        return int((await asyncio.to_thread(command_to, self.sentinels[0].port, *words)).split()[-1])

    async def master(self) -> Server:
        port = await self.master_port()
        return next(server for server in self.servers if server.port == port)

    async def restart(self, server: Server) -> None:
        """Start one that died, as a replica: by themselves the Sentinels would see to that within some ten seconds."""
        await server.start()
        await server.command("REPLICAOF", HOST, str(await self.master_port()))

    async def is_whole(self) -> bool:
        """The master that the Sentinels name has all its replicas, and all Sentinels know each other and them."""
        master = await self.master()
        if not await master.is_master() or await master.replicas_online() != self._replicas:
            return False
        for sentinel in self.sentinels:
            told = (await sentinel.command("SENTINEL", "MASTER", SERVICE)).split("\n")
            known = dict(zip(told[::2], told[1::2], strict=False))
            if (known["num-other-sentinels"], known["num-slaves"], known["flags"]) != ("2", str(self._replicas), "master"):
                return False
        return True

    async def ask_for_failover(self) -> Server:
        """As an operator does before maintenance; returns the new master. The old one takes writes for a while yet."""
        old = await self.master()

        async def asked() -> bool:
            for sentinel in self.sentinels:
                with contextlib.suppress(RedisRefused):  # no replica that it knows well enough, or one is under way
                    await sentinel.command("SENTINEL", "FAILOVER", SERVICE)
            return await self.master() is not old

        await wait_until(asked, FAILOVER_TIMEOUT_S, "failover")
        return await self.fails_over(old)

    async def fails_over(self, old: Server) -> Server:
        """Wait until the Sentinels name another master than `old`, which takes writes."""

        async def new_master() -> Server | None:
            master = await self.master()
            return master if master is not old and await master.is_master() else None

        return await wait_until(new_master, FAILOVER_TIMEOUT_S, "another master")


class ClusterGroup(_Group):
    """A Cluster of so many masters, each with one replica; the first slots lie on the first."""

    def __init__(self, *, masters: int = 3, **options: str) -> None:
        super().__init__()
        self._masters = masters
        self._options = {name.replace("_", "-"): value for name, value in options.items()}

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'{HOST}:{server.port}' for server in self.servers[: self._masters])}"

    async def _start(self) -> None:
        for _ in range(2 * self._masters):
            self._add()
        await asyncio.gather(*(server.start() for server in self.servers))
        masters, replicas = self.servers[: self._masters], self.servers[self._masters :]
        for number, master in enumerate(masters):
            await master.command("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
            first, last = number * 16_384 // self._masters, (number + 1) * 16_384 // self._masters - 1
            await master.command("CLUSTER", "ADDSLOTSRANGE", str(first), str(last))
        for server in self.servers[1:]:
            await server.command("CLUSTER", "MEET", HOST, str(self.servers[0].port))
        for master, replica in zip(masters, replicas, strict=True):
            master_id = await master.command("CLUSTER", "MYID")
            await wait_until(lambda r=replica, i=master_id: self._knows(r, i), READY_TIMEOUT_S, "acquaintance")
            await replica.command("CLUSTER", "REPLICATE", master_id)
        await wait_until(self.is_whole, READY_TIMEOUT_S, "a whole Cluster")

    def _add(self) -> Server:
        own = {"cluster-enabled": "yes", "cluster-node-timeout": str(DOWN_AFTER_MS), "cluster-config-file": "nodes.conf"}
        self.servers.append(Server(f"server{len(self.servers)}", self.directory, _QUICK | own | self._options))
        return self.servers[-1]

    async def add_master(self) -> Server:
        """One more, without a slot and without a replica, as before a reshard."""
        server = self._add()
        await server.start()
        await server.command("CLUSTER", "MEET", HOST, str(self.servers[0].port))
        own_id = await server.command("CLUSTER", "MYID")
        for other in self.servers[:-1]:
            await wait_until(lambda o=other: self._knows(o, own_id), READY_TIMEOUT_S, "acquaintance")
            other_id = await other.command("CLUSTER", "MYID")
            await wait_until(lambda i=other_id: self._knows(server, i), READY_TIMEOUT_S, "acquaintance")
        await wait_until(lambda: self._is_well(server), READY_TIMEOUT_S, "a server that takes part")
        return server

    async def _knows(self, server: Server, node_id: str) -> bool:
        return node_id in await server.command("CLUSTER", "NODES")

    async def masters(self) -> list[Server]:
        return [server for server in self.servers if server.is_running and await server.is_master()]

    async def is_whole(self) -> bool:
        """Every server sees every slot served, and each master has its replica."""
        masters = await self.masters()
        if len(masters) != self._masters or not all(server.is_running for server in self.servers):
            return False
        if not all([await self._is_well(server) for server in self.servers]):
            return False
        return all([await master.replicas_online() == 1 for master in masters])

    async def _is_well(self, server: Server) -> bool:
        """It knows all others, and finds every slot served."""
        told = (await server.command("CLUSTER", "INFO")).splitlines()
        return {"cluster_state:ok", "cluster_slots_ok:16384", f"cluster_known_nodes:{len(self.servers)}"} <= set(told)

    async def master_of(self, key: str) -> Server:
        """Who serves a key's slot, by what the servers say of themselves."""
        slot = key_slot(key.encode())
        for server in await self.masters():
            if await self._serves(server, slot):
                return server
        raise LookupError(f"Nobody serves slot {slot}.")

    @staticmethod
    async def _serves(server: Server, slot: int) -> bool:
        own = next(line for line in (await server.command("CLUSTER", "NODES")).splitlines() if "myself" in line)
        for word in own.split()[8:]:
            first, _, last = word.partition("-")
            if not word.startswith("[") and int(first) <= slot <= int(last or first):
                return True
        return False

    async def move_slot(self, key: str, target: Server) -> None:
        """Move a key's slot to another master, key by key, as `redis-cli --cluster reshard` does."""
        source = await self.master_of(key)
        await self.begin_move(key, source, target)
        await self.end_move(key, source, target)

    async def begin_move(self, key: str, source: Server, target: Server) -> None:
        """The keys are there, and the slot is still the source's: whoever asks it for them is sent on."""
        slot = str(key_slot(key.encode()))
        source_id, target_id = await source.command("CLUSTER", "MYID"), await target.command("CLUSTER", "MYID")
        await target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", source_id)
        await source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", target_id)
        while keys := [key for key in (await source.command("CLUSTER", "GETKEYSINSLOT", slot, "20")).split("\n") if key]:
            await source.command("MIGRATE", HOST, str(target.port), "", "0", "20000", "KEYS", *keys)

    async def end_move(self, key: str, source: Server, target: Server) -> None:
        slot, target_id = str(key_slot(key.encode())), await target.command("CLUSTER", "MYID")
        for server in (target, source, *await self.masters()):
            await server.command("CLUSTER", "SETSLOT", slot, "NODE", target_id)


def _free_port_with_bus() -> int:
    """A port whose neighbour for the Cluster's own talk is free as well."""
    while True:
        port = free_port()
        if is_free(port + 10_000):
            return port

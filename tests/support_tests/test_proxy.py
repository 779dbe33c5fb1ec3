"""The network that tests break."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.support.ports import HOST, free_port
from tests.support.proxy import TcpProxy, Way
from tests.support.waiting import wait_until

BIG = 1_000_000
SILENCE_S = 0.1  # how long a test listens for what must not come


class Echo:
    """A server that answers every line with itself, and says goodbye once the client has finished."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Echo":
        self.server = await asyncio.start_server(self._accept, HOST, 0, limit=2 * BIG)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.create_task(self._answer(reader, writer)))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            try:
                while line := await reader.readline():
                    self.lines.append(line)
                    writer.write(line)
                writer.write(b"goodbye\n")
            finally:
                writer.close()
                await writer.wait_closed()


class Client:
    """A connection through the proxy."""

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    @classmethod
    async def to(cls, proxy: TcpProxy) -> "Client":
        client = cls()
        client.reader, client.writer = await asyncio.open_connection(HOST, proxy.port, limit=2 * BIG)
        return client

    async def ask(self, line: bytes) -> bytes:
        self.writer.write(line)
        return await self.reader.readline()

    async def hears_nothing(self) -> bool:
        try:
            async with asyncio.timeout(SILENCE_S):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False


@contextlib.asynccontextmanager
async def network() -> AsyncIterator[tuple[Echo, TcpProxy]]:
    async with Echo() as echo, TcpProxy(HOST, echo.port) as proxy:
        yield echo, proxy


async def test_bytes_pass_both_ways():
    async with network() as (_, proxy), await Client.to(proxy) as client:
        assert await client.ask(b"one\n") == b"one\n"
        big = b"x" * BIG + b"\n"
        assert await client.ask(big) == big
        assert proxy.passed == {Way.REQUESTS: 4 + len(big), Way.REPLIES: 4 + len(big)}


async def test_a_clients_end_is_passed_on_and_the_answers_still_arrive():
    async with network() as (_, proxy), await Client.to(proxy) as client:
        client.writer.write(b"last\n")
        client.writer.write_eof()
        assert await client.reader.read() == b"last\ngoodbye\n"
        await wait_until(lambda: proxy.open_connections == 0)


async def test_a_black_hole_swallows_old_and_new_connections_and_leaves_them_open():
    async with network() as (echo, proxy), await Client.to(proxy) as old:
        await old.ask(b"before\n")
        proxy.black_hole()
        async with await Client.to(proxy) as new:
            for client in (old, new):
                client.writer.write(b"lost\n")
                assert await client.hears_nothing()
            assert echo.lines == [b"before\n"]
            assert proxy.open_connections == 2


async def test_after_a_black_hole_new_connections_pass_and_those_that_lost_bytes_stay_silent():
    async with network() as (echo, proxy), await Client.to(proxy) as torn, await Client.to(proxy) as untouched:
        await torn.ask(b"before\n")
        proxy.black_hole()
        torn.writer.write(b"lost\n")
        assert await torn.hears_nothing()
        await proxy.heal()
        async with await Client.to(proxy) as new:
            assert await new.ask(b"new\n") == b"new\n"
        assert await untouched.ask(b"whole\n") == b"whole\n"
        torn.writer.write(b"after\n")
        assert await torn.hears_nothing()
        assert b"after\n" not in echo.lines


async def test_nobody_learns_through_a_black_hole_that_the_other_end_has_gone():
    async with network() as (_, proxy):
        async with await Client.to(proxy) as client:
            await client.ask(b"here\n")
            proxy.black_hole()
        await asyncio.sleep(SILENCE_S)
        assert proxy.open_connections == 1


async def test_a_stall_holds_everything_back_and_loses_nothing():
    async with network() as (echo, proxy), await Client.to(proxy) as client:
        proxy.stall()
        client.writer.write(b"late\n")
        assert await client.hears_nothing()
        assert echo.lines == []
        await proxy.heal()
        assert await client.reader.readline() == b"late\n"


async def test_a_delay_keeps_the_order_and_does_not_add_up():
    async with network() as (_, proxy), await Client.to(proxy) as client:
        proxy.delay(ms=100)
        clock = asyncio.get_running_loop().time
        started = clock()
        for number in range(10):
            client.writer.write(b"%d\n" % number)
            await client.writer.drain()
            await asyncio.sleep(0.01)
        lines = [await client.reader.readline() for _ in range(10)]
        assert lines == [b"%d\n" % number for number in range(10)]
        assert 0.2 <= clock() - started < 1.0


async def test_a_cut_lets_just_so_many_bytes_pass_and_resets_once():
    async with network() as (echo, proxy):
        async with await Client.to(proxy) as client:
            proxy.cut_after(3)
            client.writer.write(b"answer\n")
            with pytest.raises(ConnectionResetError):
                await client.reader.readexactly(len(b"answer\n"))
        assert proxy.passed[Way.REPLIES] == 3
        assert echo.lines == [b"answer\n"]
        async with await Client.to(proxy) as client:
            assert await client.ask(b"again\n") == b"again\n"


async def test_a_cut_of_requests_keeps_them_from_the_target():
    async with network() as (echo, proxy), await Client.to(proxy) as client:
        proxy.cut_after(0, Way.REQUESTS)
        client.writer.write(b"never\n")
        with pytest.raises(ConnectionResetError):
            await client.reader.read(1)
        assert echo.lines == []


async def test_a_half_closed_connection_still_carries_the_other_way():
    async with network() as (echo, proxy), await Client.to(proxy) as client:
        await client.ask(b"one\n")
        proxy.half_close(Way.REPLIES)
        assert await client.reader.read() == b""
        client.writer.write(b"two\n")
        await wait_until(lambda: b"two\n" in echo.lines)


async def test_reset_all_resets_every_connection():
    async with network() as (_, proxy), await Client.to(proxy) as first, await Client.to(proxy) as second:
        for client in (first, second):
            await client.ask(b"here\n")
        proxy.reset_all()
        for client in (first, second):
            with pytest.raises(ConnectionResetError):
                await client.reader.read(1)
        await wait_until(lambda: proxy.open_connections == 0)


async def test_refusing_turns_new_connections_away_keeps_the_old_and_heals_on_the_same_port():
    async with network() as (_, proxy), await Client.to(proxy) as old:
        await old.ask(b"before\n")
        await proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            await Client.to(proxy)
        assert await old.ask(b"still\n") == b"still\n"
        await proxy.heal()
        async with await Client.to(proxy) as new:
            assert await new.ask(b"new\n") == b"new\n"


async def test_a_target_that_is_not_there_resets_the_client():
    async with TcpProxy(HOST, free_port()) as proxy, await Client.to(proxy) as client:
        with pytest.raises(ConnectionResetError):
            await client.reader.read(1)

"""The real server that tests kill, stall and restart."""

import asyncio

import pytest

from tests.support.redis_server import RedisRefused, RedisServer, server_binary


def test_a_killed_server_answers_nobody_and_comes_back_empty_on_its_port(redis_server):
    port = redis_server.port
    redis_server.command("SET", "k", "v")
    redis_server.kill()
    assert not redis_server.is_running
    with pytest.raises(OSError):  # noqa: PT011 — refused or reset, as the system likes
        redis_server.command("PING")
    redis_server.restart()
    assert redis_server.port == port
    assert redis_server.command("EXISTS", "k") == "0"


def test_a_restart_keeps_the_data_or_not_as_asked(redis_server):
    redis_server.command("SET", "k", "v")
    redis_server.restart(keep_data=True)
    assert redis_server.command("GET", "k") == "v"
    redis_server.restart(keep_data=False)
    assert redis_server.command("EXISTS", "k") == "0"


def test_with_appendonly_every_answered_write_survives_a_kill():
    with RedisServer(appendonly=True) as server:
        server.command("SET", "k", "v")
        server.kill()
        server.restart()
        assert server.command("GET", "k") == "v"
        server.restart(keep_data=False)
        assert server.command("EXISTS", "k") == "0"


async def test_a_stopped_server_holds_its_connections_and_answers_after_cont(redis_server):
    reader, writer = await asyncio.open_connection("127.0.0.1", redis_server.port)
    redis_server.stop()
    writer.write(b"PING\r\n")
    answer = asyncio.create_task(reader.readline())
    done, _ = await asyncio.wait([answer], timeout=0.1)
    assert not done
    redis_server.cont()
    assert await answer == b"+PONG\r\n"
    writer.close()
    await writer.wait_closed()


def test_a_refused_command_raises_with_the_servers_words(redis_server):
    with pytest.raises(RedisRefused, match="unknown command"):
        redis_server.command("NONSENSE")


def test_a_taken_port_is_exchanged_for_another(redis_server):
    with RedisServer() as second:
        second.kill()
    late = RedisServer()
    late.port = redis_server.port
    late._process = late._new_process()
    try:
        late.start()
        assert late.port != redis_server.port
    finally:
        late.close()


def test_every_test_gets_the_shared_server_without_a_key(redis_url, shared_redis):
    assert redis_url == shared_redis.url
    assert shared_redis.command("DBSIZE") == "0"
    shared_redis.command("SET", "left", "behind")


def test_what_another_test_left_behind_is_gone(redis_url, shared_redis):
    assert shared_redis.command("DBSIZE") == "0"


def test_store_tests_run_embedded_and_on_a_real_server(store_url):
    assert store_url.partition("://")[0] in ("memory", "redis")


def test_a_named_program_that_is_none_fails_loudly(monkeypatch):
    monkeypatch.setenv("TEST_REDIS_SERVER", "/no/such/program")
    server_binary.cache_clear()
    with pytest.raises(RuntimeError, match="TEST_REDIS_SERVER names '/no/such/program'"):
        server_binary()
    server_binary.cache_clear()


def test_without_any_server_the_message_says_what_to_install(monkeypatch):
    for source in ("_on_path", "_in_wheel", "_installed_now"):
        monkeypatch.setattr(f"tests.support.redis_server.{source}", lambda: None)
    monkeypatch.delenv("TEST_REDIS_SERVER", raising=False)
    server_binary.cache_clear()
    with pytest.raises(RuntimeError, match="need a real Redis"):
        server_binary()
    server_binary.cache_clear()

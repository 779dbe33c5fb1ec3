"""Fixtures that every test may ask for, and what lets a test be `async def`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import hypothesis
import pytest

from tests.support.redis_server import RedisServer
from tests.support.running import run_async, timeout_s_of

EMBEDDED_URL = "memory://"

# A busy machine is no counter-example.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def test_…` in a loop of its own, a little shorter than pytest-timeout lets any test run."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    run_async(pyfuncitem.obj(**arguments), timeout_s=0.9 * timeout_s_of(pyfuncitem))
    return True


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """One real server for all tests of this worker. Ask for `redis_url`; a test that kills asks for `redis_server`."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def redis_url(shared_redis: RedisServer) -> str:
    """A real server without a key."""
    shared_redis.flush()
    return shared_redis.url


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A real server of this test's own, to be killed and stalled."""
    with RedisServer() as server:
        yield server


@pytest.fixture(params=["embedded", "redis"])
def either_store_url(request: pytest.FixtureRequest) -> str:
    """The same test on the store inside the process and on a real server."""
    if request.param == "embedded":
        return EMBEDDED_URL
    url: str = request.getfixturevalue("redis_url")
    return url


@pytest.fixture
def store_url(either_store_url: str) -> str:
    """Both, unless a folder says otherwise."""
    return either_store_url

"""What a REDIS_URL says: one server, the master that Sentinels name, or a Cluster."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

EMBEDDED_URL = "memory://"
SENTINEL_PORT = 26_379
SERVER_PORT = 6_379
EXAMPLES = "redis://host:6379/0, redis+sentinel://host,host,host/service or redis+cluster://host,host,host"

_TLS_OPTIONS = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})
_SENTINEL_OPTIONS = frozenset({"sentinel_username", "sentinel_password"})


class UrlError(ValueError):
    """A REDIS_URL that makes no sense, in words that repeat no password."""


class StoreKind(StrEnum):
    EMBEDDED = "embedded"
    SERVER = "server"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, kw_only=True)
class StoreAddress:
    """`hosts`: the server, the Sentinels, or some servers of the Cluster. `service`: the name that Sentinels know the master
    by. `options`: of TLS, named as redis-py names them."""

    kind: StoreKind
    hosts: tuple[tuple[str, int], ...] = ()
    socket_path: str = ""
    service: str = ""
    db: int = 0
    username: str | None = None
    password: str | None = None
    tls: bool = False
    sentinel_username: str | None = None
    sentinel_password: str | None = None
    options: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        """For people, without a password."""
        if self.kind is StoreKind.EMBEDDED:
            return "the embedded store"
        if self.socket_path:
            return self.socket_path
        hosts = ", ".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self.hosts)
        return {
            StoreKind.SENTINEL: f"{self.service!r} by the Sentinels {hosts}", StoreKind.CLUSTER: f"the Cluster of {hosts}"
        }.get(self.kind, hosts)


# scheme → what it leads to, and whether with TLS.
_SCHEMES: dict[str, tuple[StoreKind, bool]] = {
    "redis": (StoreKind.SERVER, False),
    "rediss": (StoreKind.SERVER, True),
    "unix": (StoreKind.SERVER, False),
    "redis+sentinel": (StoreKind.SENTINEL, False),
    "rediss+sentinel": (StoreKind.SENTINEL, True),
    "redis+cluster": (StoreKind.CLUSTER, False),
    "rediss+cluster": (StoreKind.CLUSTER, True),
}


def parse_redis_url(url: str) -> StoreAddress:
    """
    Raises:
        UrlError
    """
    if url == EMBEDDED_URL:
        return StoreAddress(kind=StoreKind.EMBEDDED)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UrlError("an address with colons stands in brackets, as in [::1]:6379.") from None
    if parts.scheme not in _SCHEMES:
        raise UrlError(f"it must begin with {', '.join(f'{name}://' for name in _SCHEMES)}, or be memory://.")
    kind, tls = _SCHEMES[parts.scheme]
    if parts.fragment or "@" in parts.query or ("@" in parts.path and parts.scheme != "unix"):
        # A password that ends the address early would be taken for a path or an option, and be told with it.
        raise UrlError("in a name or password write / as %2F, ? as %3F, # as %23, @ as %40 and % as %25.")
    username, password, hosts = _split_authority(parts.netloc)
    options = _options(parts.query, kind, tls)
    known = {
        "kind": kind, "tls": tls, "username": username, "password": password,
        "options": tuple((name, value) for name, value in options.items() if name in _TLS_OPTIONS),
    }
    if parts.scheme == "unix":
        if hosts or not parts.path.strip("/"):
            raise UrlError("a socket is named with its whole path, as in unix:///run/redis.sock.")
        return StoreAddress(**known, socket_path=unquote(parts.path), db=_db([], options))  # type: ignore[arg-type]
    return _addressed(parts, hosts, options, known)


def _addressed(parts: SplitResult, hosts: str, options: dict[str, str], known: dict[str, object]) -> StoreAddress:
    kind = known["kind"]
    default_port = SENTINEL_PORT if kind is StoreKind.SENTINEL else SERVER_PORT
    addresses = tuple(_host(item, default_port) for item in hosts.split(","))
    path = [unquote(part) for part in parts.path.strip("/").split("/") if part]
    if kind is StoreKind.SERVER and len(addresses) > 1:
        raise UrlError(f"several servers are a Cluster or have Sentinels; say which, as in {EXAMPLES}.")
    service = ""
    if kind is StoreKind.SENTINEL:
        if not path:
            raise UrlError("the name that the Sentinels know the master by is missing, as in redis+sentinel://host,host/service.")
        service, *path = path
    if kind is StoreKind.CLUSTER and path not in ([], ["0"]):
        raise UrlError("a Cluster has no other database than 0.")
    return StoreAddress(
        **known, hosts=addresses, service=service, db=_db(path, options),  # type: ignore[arg-type]
        sentinel_username=options.get("sentinel_username"), sentinel_password=options.get("sentinel_password"),
    )


def _split_authority(netloc: str) -> tuple[str | None, str | None, str]:
    """User, password, and the hosts as they stand there."""
    authority, at, hosts = netloc.rpartition("@")
    username, _, password = authority.partition(":")
    if not at:
        return None, None, netloc
    return unquote(username) or None, unquote(password) or None, hosts


def _host(item: str, default_port: int) -> tuple[str, int]:
    host, colon, port = item.strip().rpartition(":")
    if not colon or item.strip().endswith("]"):
        host, port = item.strip(), str(default_port)
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise UrlError("an address with colons stands in brackets, as in [::1]:6379.")
    if not host:
        raise UrlError(f"a host is missing, as in {EXAMPLES}.")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise UrlError("a port is a whole number from 1 to 65535.")
    return host, int(port)


def _db(path: list[str], options: dict[str, str]) -> int:
    words = path or ([options["db"]] if "db" in options else [])
    if len(words) > 1 or not all(word.isascii() and word.isdigit() and len(word) < 5 for word in words):
        raise UrlError("what follows the last slash is the number of a database, as in redis://host:6379/0.")
    return int(words[0]) if words else 0


def _options(query: str, kind: StoreKind, tls: bool) -> dict[str, str]:
    known = set(_TLS_OPTIONS) if tls else set()
    known |= _SENTINEL_OPTIONS if kind is StoreKind.SENTINEL else {"db"} if kind is StoreKind.SERVER else set()
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(options.keys() - known):
        raise UrlError(f"it has no option {unknown[0]!r}; known here: {', '.join(sorted(known)) or 'none'}.")
    return options

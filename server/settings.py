"""Every setting, read once from the environment into one frozen object; what makes no sense refuses to start."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from server.redis_url import EMBEDDED_URL as EMBEDDED_URL
from server.redis_url import UrlError, parse_redis_url

MIN_KEY_CHARS = 32

T = TypeVar("T")


class SettingsError(Exception):
    """A setting that makes no sense: its name and what is wrong with it."""


class Secret:
    """A value that does not print."""

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"


@dataclass(frozen=True)
class Keyring:
    """Named keys: the first makes, all verify, so that keys rotate without a break."""

    keys: Mapping[str, Secret]

    @property
    def current(self) -> tuple[str, str]:
        key_id = next(iter(self.keys))
        return key_id, self.keys[key_id].reveal()

    def get(self, key_id: str) -> str | None:
        key = self.keys.get(key_id)
        return key.reveal() if key else None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The environment variable of each is its name in capitals."""

    host: str = "127.0.0.1"             # address to listen on
    port: int = 8000                    # port to listen on
    public_url: str = ""                # the site's own address, in links and for the origin check
    redis_url: Secret = Secret(EMBEDDED_URL)  # redis://, rediss://, unix://, …+sentinel://, …+cluster://; memory://  # noqa: RUF009
    confirm_replicas: int = 0           # replicas that must hold an important change before it is answered; 0: none
    confirm_timeout_ms: int = 1_000     # how long they are waited for before the answer is `unconfirmed`
    session_keys: Keyring               # kid:secret,kid:secret — signs session tokens
    link_keys: Keyring                  # kid:secret,… — makes the links' secrets
    admin_api_keys: tuple[Secret, ...]  # comma-separated — for the room product's HTTP calls
    site_jwt_secret: Secret | None = None  # the site's sign-in; without it the demo sign-in is on
    site_jwt_audience: str = "greenroom"   # `aud` of the site's tokens
    allowed_origins: tuple[str, ...] = ()  # further origins whose pages may connect, comma-separated
    allowed_embedders: tuple[str, ...] = ()  # origins that may frame our pages, comma-separated
    trusted_proxies: tuple[str, ...] = ()  # addresses or networks whose X-Forwarded-For counts, comma-separated
    invite_to_media: bool = True        # the site's module for inviting
    log_shards: int = 16                # streams that the rooms' events are spread over; the same on every node, for ever
    node_id: str = field(default_factory=lambda: "n" + secrets.token_hex(5))  # this process's name among the nodes
    lease_ttl_ms: int = 4_000           # a node that has not renewed for this long is dead
    lease_renew_ms: int = 1_000         # how often a node renews
    freeze_close_ms: int = 30_000       # how long tabs are kept while the store cannot be reached
    participant_grace_ms: int = 3_000   # between somebody's last tab going and "left"
    waiter_grace_ms: int = 10_000       # the same in the line; the place is kept so long
    seat_hold_s: int = 60               # how long the seat of somebody whose connection went is kept
    ping_hosts_s: int = 600             # how often at most the absent hosts of a room are called because somebody waits for them
    session_token_ttl_s: int = 900      # a session token lives this long; open tabs renew it
    hello_timeout_ms: int = 5_000       # a connection that has not said hello by then is closed
    max_frame_bytes: int = 65_536       # largest message from a client, and largest HTTP body
    max_queue_bytes: int = 1_048_576    # unsent bytes at which a tab that does not read is cut off
    stall_ms: int = 5_000               # a tab that takes nothing of what waits for it for so long is cut off
    max_connections: int = 20_000       # websockets of this node
    hellos_at_once: int = 32            # tabs that this node takes in at the same time; the others wait in their order
    max_hellos_waiting: int = 2_000     # tabs that wait to be taken in; who finds so many is told to come back
    tabs_per_person: int = 10           # websockets of one person in one room
    max_waiters: int = 5_000            # people in one line
    large_from: int = 200               # with more people inside, a room tells counts and pages instead of every row
    large_until: int = 150              # with fewer it tells every row again
    long_line_from: int = 100           # with more people in the line, hosts get its head and a count instead of every row
    long_line_until: int = 75           # with fewer they get every row again
    max_guests: int = 5_000             # devices that come in by one room's guest links
    max_invitations: int = 5_000        # invitations of one room
    max_directory_people: int = 1_000_000  # people in the site's directory
    max_bulk_bytes: int = 1_048_576     # largest HTTP body with rows: people of the directory, invitations in bulk
    commands_per_s: int = 20            # sustained rate of one connection's commands
    commands_burst: int = 40            # how many may come at once
    idempotency_ttl_s: int = 86_400     # how long the answer to a request with an Idempotency-Key is given again
    http_per_s: int = 50                # sustained rate of one network's calls without an API key
    http_burst: int = 1_000             # how many of them may come at once: a lecture hall is one network
    claim_failures: int = 5             # wrong addresses per link and network within claim_window_s
    claim_window_s: int = 600           # see claim_failures
    room_retention_s: int = 2_592_000   # a room's keys go this long after its last change or its planned end
    smtp_url: Secret | None = None      # smtp://, smtps:// or smtp+starttls://user:password@host:port; none: no e-mail is sent
    smtp_ca_file: str = ""              # certificates to trust the mail server by, instead of the system's
    smtp_timeout_ms: int = 20_000       # the longest step of a conversation with the mail server
    mail_from: str = ""                 # the sender, as in Rooms <rooms@example.com>; must be set with smtp_url
    mail_templates: str = ""            # folder with templates of one's own; what it lacks is taken from those shipped
    mail_default_language: str = "en"   # of who wishes for none, or for one without a template
    mail_time_zone: str = "UTC"         # the zone that a start is written in, beside UTC
    mail_workers: int = 4               # mails that this node sends at once; 0: others send them
    mail_claim_ms: int = 120_000        # a mail begun this long ago is taken up by another, or unsure if it was being sent
    mail_retry_s: tuple[int, ...] = (30, 120, 600, 3_600, 14_400)  # pauses before the next try, comma-separated
    max_mails_queued: int = 10_000      # mails that are not dealt with, per shard of the log
    site_check_ms: int = 1_000          # how often a node looks whether the site's switches and rules have changed
    batch_size: int = 200               # people let in by one step of an opening
    drain_ms: int = 8_000               # how long a stopping node takes to send its tabs elsewhere
    log_level: str = "info"             # debug, info, warning, error
    site_name: str = "Greenroom"        # the site's name on the pages, at most 60 characters
    site_logo: str = ""                 # path of an .svg, .png or .webp file of at most 256 kB; the pages get it from us
    site_accent: str = ""               # the site's colour on the light page, as #1d6b4f; 3:1 against the page or more
    site_accent_dark: str = ""          # the same on the dark page; without it one is made of site_accent
    site_welcome: str = ""              # a sentence for those who wait in the lobby, at most 300 characters
    site_language: str = ""             # language of the pages, such as en; none: the browser's

    @property
    def is_embedded(self) -> bool:
        return self.redis_url.reveal() == EMBEDDED_URL

    @property
    def demo_sign_in(self) -> bool:
        """Signing in as anybody: only where no site is configured, never beside one."""
        return self.site_jwt_secret is None

    @property
    def is_secure(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def own_origin(self) -> str:
        return self.public_url.rstrip("/")


# Checked where the pages' look is made, and where mails are made, together with the templates.
_LOOK_TEXTS = ("site_name", "site_logo", "site_accent", "site_accent_dark", "site_welcome", "site_language")
_MAIL_TEXTS = ("smtp_ca_file", "mail_from", "mail_templates", "mail_default_language", "mail_time_zone")

# Bounds of the numbers: name → (least, most).
_RANGES: dict[str, tuple[int, int]] = {
    "port": (0, 65_535),
    "log_shards": (1, 1024),
    "confirm_replicas": (0, 10),
    "confirm_timeout_ms": (10, 10_000),
    "lease_ttl_ms": (500, 60_000),
    "lease_renew_ms": (50, 30_000),
    "freeze_close_ms": (1_000, 600_000),
    "participant_grace_ms": (0, 600_000),
    "waiter_grace_ms": (0, 600_000),
    "seat_hold_s": (0, 86_400),
    "ping_hosts_s": (1, 86_400),
    "session_token_ttl_s": (30, 86_400),
    "hello_timeout_ms": (100, 60_000),
    "max_frame_bytes": (4_096, 1_048_576),
    "max_queue_bytes": (16_384, 67_108_864),
    "stall_ms": (500, 60_000),
    "max_connections": (1, 1_000_000),
    "hellos_at_once": (1, 1_000),
    "max_hellos_waiting": (1, 100_000),
    "tabs_per_person": (1, 1_000),
    "max_waiters": (1, 100_000),
    "large_from": (1, 10_000),
    "large_until": (1, 10_000),
    "long_line_from": (1, 1_000),
    "long_line_until": (1, 1_000),
    "max_guests": (1, 100_000),
    "max_invitations": (1, 100_000),
    "max_directory_people": (1, 10_000_000),
    "max_bulk_bytes": (4_096, 16_777_216),
    "commands_per_s": (1, 10_000),
    "commands_burst": (1, 10_000),
    "idempotency_ttl_s": (120, 604_800),
    "http_per_s": (1, 100_000),
    "http_burst": (1, 1_000_000),
    "claim_failures": (1, 1_000),
    "claim_window_s": (1, 86_400),
    "room_retention_s": (60, 315_360_000),
    "smtp_timeout_ms": (100, 120_000),
    "mail_workers": (0, 100),
    "mail_claim_ms": (1_000, 3_600_000),
    "max_mails_queued": (1, 1_000_000),
    "site_check_ms": (50, 60_000),
    "batch_size": (1, 500),
    "drain_ms": (0, 600_000),
}


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: one of them makes no sense; the message names it.
    """
    values: dict[str, object] = {name: _number(environ, name) for name in _RANGES if environ.get(name.upper())}
    for name in ("host", "node_id", "site_jwt_audience", "log_level", *_LOOK_TEXTS, *_MAIL_TEXTS):
        if environ.get(name.upper()):
            values[name] = environ[name.upper()]
    redis_url = environ.get("REDIS_URL") or EMBEDDED_URL
    _check_redis_url(redis_url)
    values["redis_url"] = Secret(redis_url)
    for name in ("allowed_origins", "allowed_embedders", "trusted_proxies"):
        values[name] = _listed(environ.get(name.upper(), ""))
    if environ.get("SMTP_URL"):
        values["smtp_url"] = Secret(environ["SMTP_URL"])
    if environ.get("MAIL_RETRY_S"):
        values["mail_retry_s"] = _pauses("MAIL_RETRY_S", environ["MAIL_RETRY_S"])
    if environ.get("INVITE_TO_MEDIA"):
        values["invite_to_media"] = _flag("INVITE_TO_MEDIA", environ["INVITE_TO_MEDIA"])
    if environ.get("SITE_JWT_SECRET"):
        values["site_jwt_secret"] = Secret(_strong("SITE_JWT_SECRET", environ["SITE_JWT_SECRET"]))
    embedded = redis_url == EMBEDDED_URL
    values["session_keys"] = _keyring(environ, "SESSION_KEYS", embedded)
    values["link_keys"] = _keyring(environ, "LINK_KEYS", embedded)
    values["admin_api_keys"] = _api_keys(environ, embedded)
    host, port = values.get("host", Settings.host), values.get("port", Settings.port)
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1", "localhost") else host  # noqa: S104
    values["public_url"] = (environ.get("PUBLIC_URL") or f"http://{shown}:{port}").rstrip("/").lower()
    settings = Settings(**values)  # type: ignore[arg-type]
    _check_together(settings)
    return settings


def _check_together(settings: Settings) -> None:
    if settings.lease_renew_ms * 2 > settings.lease_ttl_ms:
        raise SettingsError("LEASE_RENEW_MS must be at most half of LEASE_TTL_MS, or one slow renewal loses the lease.")
    for least, most in (("large_until", "large_from"), ("long_line_until", "long_line_from")):
        if getattr(settings, least) > getattr(settings, most):
            raise SettingsError(f"{least.upper()} must be at most {most.upper()}, or a room at the edge would change for ever.")
    _check_origin("PUBLIC_URL", settings.public_url)
    for name, origins in (("ALLOWED_ORIGINS", settings.allowed_origins), ("ALLOWED_EMBEDDERS", settings.allowed_embedders)):
        for origin in origins:
            _check_origin(name, origin)
    for network in settings.trusted_proxies:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise SettingsError(f"TRUSTED_PROXIES: {network!r} is no address and no network.") from None
    if settings.log_level not in ("debug", "info", "warning", "error"):
        raise SettingsError("LOG_LEVEL must be debug, info, warning or error.")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", settings.node_id):
        raise SettingsError("NODE_ID must be letters, digits, - and _, at most 64.")


def _check_redis_url(url: str) -> None:
    try:
        parse_redis_url(url)
    except UrlError as error:
        raise SettingsError(f"REDIS_URL: {error}") from None


# What stands here goes into a response header: nothing but a scheme, a host and a port.
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?")


def _check_origin(name: str, origin: str) -> None:
    if not _ORIGIN.fullmatch(origin):
        raise SettingsError(f"{name}: {origin!r} is no origin such as https://rooms.example.com.")


def _number(environ: Mapping[str, str], name: str) -> int:
    least, most = _RANGES[name]
    raw = environ[name.upper()]
    if not raw.isascii() or not raw.isdigit() or not least <= int(raw) <= most:
        raise SettingsError(f"{name.upper()} must be a whole number from {least} to {most}.")
    return int(raw)


def _flag(name: str, raw: str) -> bool:
    if raw not in ("0", "1"):
        raise SettingsError(f"{name} must be 0 or 1.")
    return raw == "1"


def _pauses(name: str, raw: str) -> tuple[int, ...]:
    pauses = _listed(raw)
    if len(pauses) > 20 or not all(pause.isascii() and pause.isdigit() and 1 <= int(pause) <= 604_800 for pause in pauses):
        raise SettingsError(f"{name} must be at most 20 whole numbers of seconds from 1 to 604800, separated by commas.")
    return tuple(map(int, pauses))


def _listed(raw: str) -> tuple[str, ...]:
    return tuple(item.strip().rstrip("/") for item in raw.split(",") if item.strip())


def _strong(name: str, key: str) -> str:
    if len(key) < MIN_KEY_CHARS or len(set(key)) < 8:
        raise SettingsError(f"{name}: a key must have at least {MIN_KEY_CHARS} characters, and not all alike.")
    return key


def _keyring(environ: Mapping[str, str], name: str, embedded: bool) -> Keyring:
    raw = environ.get(name, "")
    if not raw:
        if not embedded:
            example = f"{name}=k1:$(openssl rand -hex 32)"
            raise SettingsError(f"{name} must be set when REDIS_URL is: every node needs the same keys. Example: {example}")
        return Keyring({"own": Secret(secrets.token_hex(32))})
    keys: dict[str, Secret] = {}
    for item in _listed(raw):
        key_id, colon, key = item.partition(":")
        if not colon or not re.fullmatch(r"[A-Za-z0-9]{1,16}", key_id) or key_id in keys:
            raise SettingsError(f"{name} must be kid:secret,kid:secret with distinct short names.")
        keys[key_id] = Secret(_strong(name, key))
    return Keyring(keys)


def _api_keys(environ: Mapping[str, str], embedded: bool) -> tuple[Secret, ...]:
    keys = _listed(environ.get("ADMIN_API_KEYS", ""))
    if not keys:
        if not embedded:
            raise SettingsError("ADMIN_API_KEYS must be set when REDIS_URL is.")
        return (Secret(secrets.token_hex(32)),)
    return tuple(Secret(_strong("ADMIN_API_KEYS", key)) for key in keys)

"""Where a request comes from: its network address, and the page that sends it."""

from __future__ import annotations

import ipaddress
import re
import time

from starlette.requests import HTTPConnection, Request

from server.actions.services import Services
from server.domain.refusals import OriginForbidden
from server.settings import Settings
from server.web.rate import NetworkRates

IPV6_PREFIX = 64
_WITH_PORT = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<v4>[0-9.]+))(?::[0-9]{1,5})?")


def network_of(connection: HTTPConnection, settings: Settings) -> str:
    """The sender's address, or the /64 of an IPv6 one; as a trusted proxy forwards it, the rightmost untrusted counts."""
    address = connection.client.host if connection.client else "0.0.0.0"  # noqa: S104
    if settings.trusted_proxies and _is_trusted(address, settings):
        # A proxy may continue the sender's line or add one of its own: only the last of all counts.
        forwarded = ",".join(connection.headers.getlist("x-forwarded-for"))
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        address = next((hop for hop in reversed(hops) if not _is_trusted(hop, settings)), address)
    return _network(address)


def check_rate(request: Request, services: Services) -> None:
    """Count one call of the sender's network. Raises: RateLimited."""
    rates: NetworkRates = request.app.state.rates
    rates.check(network_of(request, services.settings), time.monotonic())


def check_origin(connection: HTTPConnection, settings: Settings) -> None:
    """Only the site's own pages, and those that the operator allowed; programs send no origin.

    Raises:
        OriginForbidden
    """
    origins = connection.headers.getlist("origin")
    if not origins:
        if connection.headers.get("cookie"):
            raise OriginForbidden
        return
    if len(origins) != 1 or origins[0] not in _allowed(settings):
        raise OriginForbidden


def _allowed(settings: Settings) -> frozenset[str]:
    allowed = {settings.own_origin, *settings.allowed_origins}
    if settings.own_origin.startswith("http://localhost:"):
        allowed.add(settings.own_origin.replace("localhost", "127.0.0.1", 1))
    return frozenset(allowed)


def _is_trusted(address: str, settings: Settings) -> bool:
    parsed = _parse(address)
    networks = [ipaddress.ip_network(network, strict=False) for network in settings.trusted_proxies]
    return parsed is not None and any(parsed in network for network in networks)


def _network(address: str) -> str:
    parsed = _parse(address)
    if parsed is None:
        return "unknown"
    if parsed.version == 6:
        return ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False).network_address.compressed.replace(":", "_")
    return parsed.compressed


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IPv4 address that a dual-stack socket shows as an IPv6 one is that IPv4 address; else all of them were one /64. Some
    proxies forward the port as well."""
    with_port = _WITH_PORT.fullmatch(address)
    try:
        parsed = ipaddress.ip_address(with_port["v6"] or with_port["v4"] if with_port else address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed

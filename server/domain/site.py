"""What holds for all rooms of the site: switches and domain rules, in one versioned document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

# Requests that are known by their names when they are repeated.
CHANGES_KNOWN = 20


@dataclass(kw_only=True)
class Site:
    """The site-wide document, as stored on every shard; `rev` rises with every change.

    `invite_to_media`, `guest_access`: checked live, at every use. `moderators_invite`, `speakers_initiate`: what a room is
    created with where it does not say otherwise. `change_ids` names the last requests that changed it, so that the
    repetition of one finds its work done and undoes nobody else's.
    """

    invite_to_media: bool = True
    guest_access: bool = True
    moderators_invite: bool = False
    speakers_initiate: bool = False
    allowed_domains: list[str] = field(default_factory=list)
    blocked_domains: list[str] = field(default_factory=list)
    change_ids: list[str] = field(default_factory=list)
    rev: int = 0


def newest(sites: Iterable[Site | None]) -> Site | None:
    """The document that counts where shards hold several: a change reaches them one after another."""
    return max((site for site in sites if site is not None), key=lambda site: site.rev, default=None)


def changed_site(site: Site, changes: dict[str, Any], change_id: str) -> Site:
    """The next revision, which remembers by whom it was made; the same where nothing is different."""
    changed = replace(site, **changes)
    if changed == site:
        return site
    return replace(changed, rev=site.rev + 1, change_ids=[*site.change_ids, change_id][-CHANGES_KNOWN:])


def site_or_default(site: Site | None, *, invite_to_media: bool) -> Site:
    """The site's document, or, while none was written, the one that the environment's settings make."""
    return site if site is not None else Site(invite_to_media=invite_to_media)

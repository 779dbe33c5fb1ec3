"""What holds for all rooms of the site: switches and domain rules, in one versioned document."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Site:
    """The site-wide document, as stored on every shard; `rev` rises with every change.

    `invite_to_media`, `guest_access`: checked live, at every use. `moderators_invite`, `speakers_initiate`: what a room is
    created with where it does not say otherwise.
    """

    invite_to_media: bool = True
    guest_access: bool = True
    moderators_invite: bool = False
    speakers_initiate: bool = False
    allowed_domains: list[str] = field(default_factory=list)
    blocked_domains: list[str] = field(default_factory=list)
    rev: int = 0

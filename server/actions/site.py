"""The site's switches and domain rules: reading and changing them."""

from __future__ import annotations

import hashlib
from typing import Any

from server.actions.services import Request, Services, decide
from server.domain.site import Site, changed_site, site_or_default
from server.trust.domain_names import with_clean_rules


async def read_site(services: Services) -> Site:
    """The document that counts; the environment's, while none was written."""
    held = await services.store.site.load()
    return site_or_default(held, invite_to_media=services.settings.invite_to_media)


async def change_site(services: Services, request: Request, changes: dict[str, Any]) -> Site:
    """Change what is named. When this returns, every script of every room sees it.

    Raises:
        PreconditionFailed, DomainInvalid, RuleTooWide, TooManyRules
    """
    changes = with_clean_rules(changes)
    change_id = hashlib.sha256(request.request_id.encode()).hexdigest()[:16]

    async def attempt() -> Site:
        held = await services.store.site.level()
        site = site_or_default(held, invite_to_media=services.settings.invite_to_media)
        if change_id in site.change_ids:
            return site
        request.check_rev(site.rev)
        changed = changed_site(site, changes, change_id)
        if changed is not site:
            await services.store.site.write(changed)
        return changed

    return await decide(attempt)

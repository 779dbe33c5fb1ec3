"""HTTP for what holds for the whole site: its switches, its domain rules, and what they say of an address."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from server.actions import domains as domain_actions
from server.actions import site as site_actions
from server.domain.refusals import DomainInvalid, PreconditionFailed, RoleForbidden, RuleTooWide, TooManyRules
from server.domain.site import Site
from server.web.answers import Body
from server.web.callers import Caller
from server.web.operations import Call, Operations
from server.wire.messages import DomainNames, Email
from server.wire.results import DomainCheckResult
from server.wire.views import Revision, View

operations = Operations("Site")


class SiteAnswer(View):
    """The site's switches and domain rules. `rev` rises with every change; 0: none was made, and the settings count."""

    invite_to_media: bool
    guest_access: bool
    moderators_invite: bool
    speakers_initiate: bool
    allowed_domains: list[str]
    blocked_domains: list[str]
    rev: Revision


class EditSiteBody(Body):
    """What is not named stays. `rev`: refuse unless the document is at this revision, as If-Match would."""

    invite_to_media: bool | UnsetType = UNSET
    guest_access: bool | UnsetType = UNSET
    moderators_invite: bool | UnsetType = UNSET
    speakers_initiate: bool | UnsetType = UNSET
    allowed_domains: DomainNames | UnsetType = UNSET
    blocked_domains: DomainNames | UnsetType = UNSET
    rev: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None


class AddressBody(Body):
    email: Email


class RoomDomainAnswer(DomainCheckResult):
    """`invited`: whether the address has an invitation here; null for everybody but the room product."""

    invited: bool | None = None


@operations.get("/v1/site", caller=Caller.SITE, conditional=True)
async def get_site(call: Call) -> SiteAnswer:
    """Read the site's switches and domain rules."""
    return _shown(call, await site_actions.read_site(call.services))


@operations.patch(
    "/v1/site", caller=Caller.SITE, conditional=True, refuses=(PreconditionFailed, DomainInvalid, RuleTooWide, TooManyRules)
)
async def edit_site(call: Call, body: EditSiteBody) -> SiteAnswer:
    """Change what is named; it counts in every room when this is answered."""
    changes = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET and name != "rev"}
    request = call.request if body.rev is None else replace(call.request, expected_rev=body.rev)
    return _shown(call, await site_actions.change_site(call.services, request, changes))


@operations.post("/v1/would-get-in", caller=Caller.SITE)
async def would_get_in(call: Call, body: AddressBody) -> DomainCheckResult:
    """Say what the site's domain rules decide about an address."""
    return msgspec.convert(await domain_actions.check_at_site(call.services, body.email), DomainCheckResult)


@operations.post("/v1/rooms/{room_id}/would-get-in", caller=Caller.SITE_OR_MANAGER, refuses=(RoleForbidden,))
async def would_get_in_here(call: Call, body: AddressBody) -> RoomDomainAnswer:
    """Say what the site's and the room's domain rules decide about an address."""
    return msgspec.convert(await domain_actions.check_at_room(call.services, call.request, body.email), RoomDomainAnswer)


def _shown(call: Call, site: Site) -> SiteAnswer:
    call.tag(site.rev)
    return SiteAnswer(**{name: getattr(site, name) for name in SiteAnswer.__struct_fields__})

"""What every use case works with, who asks, and deciding again when a fact has moved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from server.actions.known_keys import KnownKeys
from server.actions.upload_slots import UploadSlots
from server.domain.person import Person, PersonState
from server.domain.refusals import Busy, EmailNotConfigured, NotInside, PreconditionFailed
from server.domain.request_id import RequestId
from server.domain.roles import Role
from server.domain.site import Site, site_or_default
from server.domain.standings import manages_from_outside
from server.mail.site_mail import SiteMail
from server.settings import Settings
from server.store.facts import Facts
from server.store.scripting import FactsMoved
from server.store.store import Store
from server.trust.link_secrets import LinkSecrets
from server.trust.site_tokens import SiteTokens
from server.trust.tokens import Tokens

DECIDE_TRIES = 5

T = TypeVar("T")
Answer = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Services:
    settings: Settings
    store: Store
    tokens: Tokens
    site_tokens: SiteTokens
    links: LinkSecrets
    mail: SiteMail | None = None  # None: this site sends no e-mail
    uploads: UploadSlots = field(default_factory=UploadSlots)
    api_keys: KnownKeys = field(default_factory=KnownKeys)

    def now_ms(self) -> int:
        return self.store.clock.now_ms()

    def sends_mail(self) -> SiteMail:
        """How this site sends e-mail. Raises: EmailNotConfigured."""
        if self.mail is None:
            raise EmailNotConfigured
        return self.mail

    def site_of(self, facts: Facts) -> Site:
        """The site's switches and domain rules, as they were when the facts were read."""
        return site_or_default(facts.site, invite_to_media=self.settings.invite_to_media)


@dataclass(frozen=True, kw_only=True)
class Request:
    """Who asks for what, where. `actor_id` None: the site itself, with an API key. `request_id` names this very request:
    asked again with the same one, the first answer is given again. `expected_rev`: of the resource to be changed; None: any.
    `from_outside`: a manager may ask this without being in the room."""

    room_id: str
    actor_id: str | None
    request_id: str
    expected_rev: int | None = None
    from_outside: bool = False

    def check_rev(self, rev: int) -> None:
        """Refuse unless the resource is as the caller has seen it. `rev` goes into what the script checks again.

        Raises:
            PreconditionFailed
        """
        if self.expected_rev is not None and self.expected_rev != rev:
            raise PreconditionFailed

    def step(self, name: str) -> Request:
        """A further step of the same request, with a name of its own."""
        named = self.request_id if isinstance(self.request_id, RequestId) else RequestId(self.request_id)
        return replace(self, request_id=named.step(name))

    def people(self, *others: str) -> list[str]:
        """Whose records are to be read: the actor's, and these."""
        return [who for who in (self.actor_id, *others) if who is not None]


@dataclass(frozen=True, kw_only=True)
class Actor:
    role: Role
    person: Person | None


def check_actor(facts: Facts, request: Request) -> Actor:
    """Who asks, as the store knows them now; the site acts as a manager.

    Raises:
        NotInside: they are not in the room.
    """
    if request.actor_id is None:
        return Actor(role=Role.MANAGER, person=None)
    person = facts.people.get(request.actor_id)
    if person is not None and person.state is PersonState.INSIDE:
        return Actor(role=person.role, person=person)
    if person is not None and request.from_outside and manages_from_outside(facts.room, person):
        return Actor(role=Role.MANAGER, person=person)
    raise NotInside


async def decide(attempt: Callable[[], Awaitable[T]]) -> T:
    """Run `attempt`, which reads facts and acts on them, until the facts hold still.

    Raises:
        Busy: they moved each time.
    """
    for _ in range(DECIDE_TRIES):
        try:
            return await attempt()
        except FactsMoved:
            continue
    raise Busy


async def decide_on(
    services: Services,
    request: Request,
    act: Callable[[Facts], Awaitable[Answer]],
    *people: str,
    invitations: Sequence[str] = (),
) -> Answer:
    """Read the facts about the actor, `people` and `invitations`, and act on them; again, where one has moved meanwhile.

    A request that was answered before gets its first answer, and nothing is done.

    Raises:
        Busy, and whatever `act` refuses
    """

    async def attempt() -> Answer:
        facts = await services.store.facts(
            request.room_id, *request.people(*people), invitations=invitations, request_id=request.request_id
        )
        answer = facts.replay()
        return await act(facts) if answer is None else answer

    return await decide(attempt)

"""The tabs in a room or before it, by connection and by person."""

from __future__ import annotations

from server.domain.refusals import TooManyTabs
from server.hub.connection import Connection

TABS_PER_LINK = 20


class Connections(dict[str, Connection]):
    """Connection id → connection. Add and discard by these methods alone, so that `of` finds the same."""

    def __init__(self) -> None:
        super().__init__()
        self._by_person: dict[str | None, set[Connection]] = {}

    def add(self, connection: Connection) -> None:
        self[connection.connection_id] = connection
        self._by_person.setdefault(connection.participant_id, set()).add(connection)

    def discard(self, connection: Connection) -> None:
        if self.get(connection.connection_id) is connection:
            del self[connection.connection_id]
        theirs = self._by_person.get(connection.participant_id, set())
        theirs.discard(connection)
        if not theirs:
            self._by_person.pop(connection.participant_id, None)

    def of(self, participant_id: str | None) -> list[Connection]:
        """The tabs of a person; of None, the pages of links whose address is not proven."""
        return list(self._by_person.get(participant_id, ()))

    def check_link(self, connection: Connection) -> None:
        """Refuse more pages of one link whose address is not proven than anybody has use for; counted on this node. The page is
        to be added without an `await` between.

        Raises:
            TooManyTabs
        """
        if connection.participant_id is not None:
            return
        invitation_id = connection.identity.invitation_id
        if sum(page.identity.invitation_id == invitation_id for page in self.of(None)) >= TABS_PER_LINK:
            raise TooManyTabs

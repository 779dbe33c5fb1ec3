"""A tab of each audience that is only ever told, and the bytes that it was told with."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from client_sim.reducer import apply
from client_sim.replica import Replica, differences
from server.domain.contents import RoomContents
from server.domain.events import Entry
from server.wire.audiences import Audience
from server.wire.showing import show_snapshot
from server.wire.telling import tell


class Listener:
    """Starts from a snapshot and hears every entry from then on, one frame an entry."""

    def __init__(self, audience: Audience, contents: RoomContents) -> None:
        self.audience = audience
        self._replica = Replica()
        self.begin_anew(contents)

    def begin_anew(self, contents: RoomContents) -> None:
        """Get the room whole."""
        self._replica = apply(self._replica, {
            "type": "resync", "reason": "sync", "you": None, "position": {"epoch": "e", "seq": contents.seq},
            "snapshot": _as_told(show_snapshot(contents, self.audience)),
        })

    def hear(self, entry: Entry) -> str:
        """Take one entry in; returns what was said, as it goes on the wire."""
        said = _as_told(tell(entry, self.audience))
        self._replica = apply(self._replica, {"type": "events", "after": entry.seq - 1, "upto": entry.seq, "events": said})
        return json.dumps(said)

    def differs_from(self, contents: RoomContents) -> list[str]:
        """The lists in which this tab's view is not what a fresh snapshot says."""
        return differences(self._replica, _as_told(show_snapshot(contents, self.audience)))


def snapshot_text(contents: RoomContents, audience: Audience) -> str:
    return json.dumps(_as_told(show_snapshot(contents, audience)))


def _as_told(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))

"""Lies about events: each changes an honest play in one way, and is to be caught as what it is."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import pairwise

from tests.client_sim import rooms
from tests.client_sim.play import LENGTH, Life, Play

# Changes a play; returns whether it found anything to change.
Mutant = Callable[[Play], bool]


def a_frame(play: Play, life: Life, least: int = 1) -> list[dict]:
    """A frame's events, of at least so many."""
    frames = [frame["events"] for frame in life.received("events") if len(frame["events"]) >= least]
    return play.rng.choice(frames) if frames else []


def anybody(play: Play) -> Life:
    return play.rng.choice(list(play.lives.values()))


# ── Events ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def drops_an_event(play: Play) -> bool:
    events = a_frame(play, anybody(play))
    return bool(events and [events.pop(play.rng.randrange(len(events)))])


def doubles_an_event(play: Play) -> bool:
    events = a_frame(play, anybody(play))
    events.append(copy.deepcopy(events[-1]))
    return True


def swaps_two_events(play: Play) -> bool:
    chosen = a_frame(play, anybody(play), 2)
    events = [event for event in chosen if event["type"] != "refresh"]
    if len(events) < 2 or events[0]["seq"] == events[-1]["seq"]:
        return False
    first, last = chosen.index(events[0]), chosen.index(events[-1])
    chosen[first], chosen[last] = chosen[last], chosen[first]
    return True


def alters_an_event(play: Play) -> bool:
    for event in a_frame(play, anybody(play)):
        if "participants" in event:
            event["participants"][0]["name"] = "Somebody"
            return True
    return False


def moves_an_event_to_another_seq(play: Play) -> bool:
    life = anybody(play)
    frame = next((frame for frame in life.received("events") if frame["upto"] - frame["after"] > 1 and frame["events"]), None)
    if frame is None or frame["events"][0]["seq"] == frame["upto"]:
        return False
    frame["events"][0]["seq"] += 1
    return True


def invents_an_event(play: Play) -> bool:
    frame = play.rng.choice(anybody(play).received("events"))
    frame["events"].append(rooms.hand(frame["upto"], "nobody"))
    return True


def tells_of_another_room(play: Play) -> bool:
    other = Play(1_000 + play.rng.randrange(1_000))
    frame = play.rng.choice(anybody(play).received("events"))
    stranger = other.heard("inside", 0, LENGTH)[0] | {"seq": frame["upto"]}
    frame["events"].append(stranger)
    return stranger not in play.heard("inside", 0, LENGTH)


def sends_a_frame_twice(play: Play) -> bool:
    life = anybody(play)
    frame = next((frame for frame in life.received("events") if frame["events"]), None)
    if frame:
        life.steps.insert(life.index_of(frame), ("received", copy.deepcopy(frame)))
    return frame is not None


def covers_what_it_does_not_bring(play: Play) -> bool:
    """Two frames become one that claims both and brings the first."""
    life = anybody(play)
    for first, second in pairwise(life.received("events")):
        if first["upto"] == second["after"] and second["events"]:
            first["upto"] = second["upto"]
            del life.steps[life.index_of(second)]
            return True
    return False


def leaves_out_what_was_missed(play: Play) -> bool:
    """A tab that resumed is told to go on as if nothing had been."""
    for life in play.lives.values():
        for welcome in life.received("welcome")[1:]:
            step = life.steps[min(life.index_of(welcome) + 1, len(life.steps) - 1)]
            if isinstance(step, tuple) and step[1].get("events"):
                step[1]["events"] = []
                return True
    return False


# ── Audiences ────────────────────────────────────────────────────────────────────────────────────────────────────────


def tells_a_viewer_of_the_line(play: Play) -> bool:
    frame = play.rng.choice(play.lives["ann"].received("events"))
    frame["events"].append(rooms.waiters_added(frame["upto"], rooms.waiter("wim", 1)))
    return True


def tells_a_moderator_of_an_invitation(play: Play) -> bool:
    for frame in play.lives["mo"].received("events"):
        told = [event for event in play.heard("managers", frame["after"], frame["upto"]) if event["type"] == "invitation.changed"]
        frame["events"] += told
        if told:
            return True
    return False


def tells_a_viewer_an_address(play: Play) -> bool:
    for event in a_frame(play, play.lives["ann"]):
        for row in event.get("participants", ()):
            row["email"] = "ann@example.org"
            return True
    return False


def shows_a_viewer_the_line(play: Play) -> bool:
    for resync in play.lives["ann"].received("resync"):
        resync["snapshot"]["waiters"] = []
        return True
    return False


def shows_a_moderator_addresses(play: Play) -> bool:
    for resync in play.lives["mo"].received("resync"):
        resync["snapshot"]["participants"][0]["email"] = "ann@example.org"
        return True
    return False


def keeps_a_device_from_a_moderator(play: Play) -> bool:
    for frame in play.lives["mo"].received("events"):
        for event in frame["events"]:
            if event["type"] == "device.requested":
                frame["events"].remove(event)
                return True
    return False


# The kind of failure that each must be found as, whatever else is found.
MUTANTS: dict[Mutant, str] = {
    drops_an_event: "lost",
    doubles_an_event: "duplicated",
    swaps_two_events: "reordered",
    alters_an_event: "foreign",
    moves_an_event_to_another_seq: "lost",
    invents_an_event: "foreign",
    tells_of_another_room: "foreign",
    sends_a_frame_twice: "duplicated",
    covers_what_it_does_not_bring: "lost",
    leaves_out_what_was_missed: "lost",
    tells_a_viewer_of_the_line: "foreign",
    tells_a_moderator_of_an_invitation: "foreign",
    tells_a_viewer_an_address: "leaked",
    shows_a_viewer_the_line: "leaked",
    shows_a_moderator_addresses: "leaked",
    keeps_a_device_from_a_moderator: "lost",
}

"""Lies about everything else: the room whole, answers, roles, links, presence. See `lies_about_events`."""

from __future__ import annotations

import copy

from client_sim.history import Claimed, Compared
from tests.client_sim import rooms
from tests.client_sim.lies_about_events import Mutant, anybody
from tests.client_sim.play import LENGTH, Play

# ── The room whole ───────────────────────────────────────────────────────────────────────────────────────────────────


def hides_a_hole_with_a_false_resync(play: Play) -> bool:
    """A frame is lost, and a resync claims its place with the room of before it."""
    for life in play.lives.values():
        for frame in life.received("events"):
            inside = [event for event in frame["events"] if event["type"] in ("participants.updated", "participants.joined")]
            if inside and not any(event["type"] == "refresh" for event in frame["events"]):
                whole = play.resync(life.who, frame["after"])
                whole["position"]["seq"] = whole["snapshot"]["seq"] = frame["upto"]
                life.steps[life.index_of(frame)] = ("received", whole)
                return True
    return False


def resyncs_beyond_the_log(play: Play) -> bool:
    life = anybody(play)
    whole = play.resync(life.who, LENGTH)
    whole["position"]["seq"] = whole["snapshot"]["seq"] = LENGTH + 7
    life.steps.append(("received", whole))
    return True


def keeps_a_ghost_in_a_snapshot(play: Play) -> bool:
    for life in play.lives.values():
        for resync in life.received("resync"):
            resync["snapshot"]["participants"].append(rooms.participant("zoe"))
            return True
    return False


def ends_with_another_room_than_the_servers(play: Play) -> bool:
    anybody(play).steps.append(Compared(LENGTH, LENGTH, ("participants",)))
    return True


# ── States, answers ──────────────────────────────────────────────────────────────────────────────────────────────────


def takes_a_state_back(play: Play) -> bool:
    life = anybody(play)
    life.steps += [("received", rooms.tick(1_000)), ("received", rooms.tick(999))]
    return True


def loses_what_it_acknowledged(play: Play) -> bool:
    """The store forgot it, and so does everybody who hears of it; only the answer is out."""
    answered = {result["seq"] for life in play.lives.values() for result in life.received("result")}
    for seq, (_, command, _) in play.acts.items():
        if seq in answered and command["type"] in ("hand.raise", "hand.lower"):
            play.log[seq] = []
            for life in play.lives.values():
                for frame in life.received("events"):
                    frame["events"] = [event for event in frame["events"] if event["seq"] != seq]
            return True
    return False


def acknowledges_beyond_the_log(play: Play) -> bool:
    results = [result for life in play.lives.values() for result in life.received("result")]
    play.rng.choice(results)["seq"] = LENGTH + 1
    return True


def answers_twice(play: Play) -> bool:
    for life in play.lives.values():
        for result in life.received("result"):
            life.steps.append(("received", result))
            return True
    return False


# ── Roles ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def refreshes(play: Play) -> list[tuple[dict, dict]]:
    frames = play.lives["pia"].received("events")
    return [(frame, event) for frame in frames for event in frame["events"] if event["type"] == "refresh"]


def keeps_a_refresh_back(play: Play) -> bool:
    for frame, event in refreshes(play):
        frame["events"].remove(event)
        return True
    return False


def refreshes_to_an_older_role_rev(play: Play) -> bool:
    for _, event in refreshes(play):
        event["role_rev"] -= 1
        return True
    return False


def refreshes_twice(play: Play) -> bool:
    for frame, event in refreshes(play):
        frame["events"].append(copy.deepcopy(event))
        return True
    return False


def refreshes_somebody_else(play: Play) -> bool:
    frame = play.rng.choice(play.lives["ann"].received("events"))
    frame["events"].append(rooms.refresh(frame["upto"], "moderator", 9))
    return True


def comes_back_with_an_older_role_rev(play: Play) -> bool:
    for message in play.lives["pia"].received("resync"):
        if message["you"]["role_rev"] > 1:
            message["you"]["role_rev"] -= 1
            return True
    return False


# ── Links, presence ──────────────────────────────────────────────────────────────────────────────────────────────────


def gives_a_link_to_two(play: Play) -> bool:
    play.link.steps.append(Claimed("link", "d7", None))
    return True


def gives_a_link_to_nobody(play: Play) -> bool:
    play.link.steps = [Claimed("link", f"d{number}", "invite_used") for number in range(5)]
    return True


def leaves_a_ghost(play: Play) -> bool:
    play.present.add("zoe")
    return True


def leaves_one_out_who_is_there(play: Play) -> bool:
    play.present.remove("mo")
    return True


# The kind of failure that each must be found as, whatever else is found.
MUTANTS: dict[Mutant, str] = {
    hides_a_hole_with_a_false_resync: "snapshots_false",
    resyncs_beyond_the_log: "snapshots_false",
    keeps_a_ghost_in_a_snapshot: "snapshots_false",
    ends_with_another_room_than_the_servers: "replicas_unequal",
    takes_a_state_back: "states_backward",
    loses_what_it_acknowledged: "acknowledged_lost",
    acknowledges_beyond_the_log: "acknowledged_lost",
    answers_twice: "answered_twice",
    keeps_a_refresh_back: "unrefreshed",
    refreshes_to_an_older_role_rev: "unrefreshed",
    refreshes_twice: "duplicated",
    refreshes_somebody_else: "foreign",
    comes_back_with_an_older_role_rev: "unrefreshed",
    gives_a_link_to_two: "winners_wrong",
    gives_a_link_to_nobody: "winners_wrong",
    leaves_a_ghost: "ghosts",
    leaves_one_out_who_is_there: "absent",
}

"""A story of one room, played on the second client across two nodes that share a store; every step asserts.

Usage: python -m tests.second_client.story URL1 URL2 API_KEY

It fails as well where a tab found a gap in front of a frame and had to ask for the room whole.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from functools import partial

from tests.second_client.client import DeviceKey, Json, Link, Refused, Replica, Site, Tab

START_IN_MS = 600_000  # long enough for everybody to come, however slow the machine is; then it is moved
MOVED_TO_MS = 1500
LATE_MS = 5000
LINE_LISTS = ["waiters", "device_requests"]


class Disagreement(Exception):
    """Something is not as the protocol page says."""


def expect(true: object, what: str) -> None:
    """Fail with `what` unless `true`."""
    if not true:
        raise Disagreement(what)


def same(got: object, wanted: object, what: str) -> None:
    """Fail unless both are equal."""
    expect(got == wanted, f"{what}: {got!r}, not {wanted!r}")


async def refused(code: str, attempt: Awaitable[object]) -> Refused:
    """Fail unless the attempt is refused with `code`."""
    try:
        answer = await attempt
    except Refused as refusal:
        same(refusal.code, code, "refused with")
        return refusal
    raise Disagreement(f"answered {answer!r}, not refused with {code}")


def held(tab: Tab) -> Replica:
    """Give the replica of a tab that must be inside."""
    if tab.replica is None:
        raise Disagreement("the tab is not inside")
    return tab.replica


def rows(tab: Tab, name: str) -> dict[str, Json]:
    """Give one list of a tab that must be shown it, by id."""
    shown = held(tab).lists[name]
    if shown is None:
        raise Disagreement(f"{name} is hidden from the tab")
    return shown


def waiting(tab: Tab) -> Json:
    """Give the lobby of a tab that must be in it."""
    if tab.lobby is None:
        raise Disagreement("the tab is not in the lobby")
    return tab.lobby


def events_of(tab: Tab, kind: str) -> list[Json]:
    """Give all events of one type that have reached a tab, even in frames that it dropped."""
    frames = (message for message in tab.trace if message["type"] == "events")
    return [event for frame in frames for event in frame["events"] if event["type"] == kind]


async def all_until(what: Callable[[Tab], object], *tabs: Tab) -> None:
    """Wait until something is true of each tab."""
    for tab in tabs:
        await tab.until(partial(what, tab))


async def agree(*tabs: Tab) -> None:
    """Fail unless the replica of each tab equals the snapshot that the server sends now."""
    for tab in tabs:
        kept = held(tab).view()
        await tab.command("sync")
        sent = held(tab).view()
        for name in ("room", "participants", *LINE_LISTS, "invitations"):
            same(kept[name], sent[name], f"the replica's {name} against the snapshot")


class Story:
    """The people of the story, and what happens to them."""

    def __init__(self, url1: str, url2: str, api_key: str) -> None:
        """Begin with nobody."""
        self.one, self.two = Site(url1, api_key), Site(url2, api_key)
        self.room_id, self.starts_at_ms = "", 0
        self.tabs: list[Tab] = []
        self.phone = DeviceKey()
        self.vera_id = self.ned_id = self.wanda_id = ""

    def tab(self, site: Site, token: str, device: DeviceKey | None = None) -> Tab:
        """Make a tab on one node, not open yet."""
        tab = Tab(site.url, token, device)
        self.tabs.append(tab)
        return tab

    async def a_room_is_created(self) -> str:
        """The product creates a room that starts in ten minutes; the other node knows it."""
        self.starts_at_ms = int(time.time() * 1000) + START_IN_MS
        self.owner_user = f"owner-{uuid.uuid4().hex[:8]}"
        standings = {self.owner_user: "owner"}
        room = await self.one.create_room("A story", starts_at_ms=self.starts_at_ms, standings=standings)
        self.room_id = room["room_id"]
        same(room["phase"], "scheduled", "phase")
        elsewhere = await self.two.room(self.room_id)
        same({**elsewhere, "now_ms": 0}, {**room, "now_ms": 0}, "the room on the other node")
        return self.room_id

    async def the_owner_is_inside(self) -> str:
        """The owner signs in on node 1 and is inside before the start."""
        session = await self.one.demo_sign_in(self.room_id, self.owner_user, "Olga", "olga@example.com")
        self.olga = await self.tab(self.one, session["session_token"]).open()
        same(self.olga.you["state"], "inside", "the owner's state")
        same(self.olga.you["standing"], "owner", "the owner's standing")
        same(list(rows(self.olga, "participants")), [session["participant_id"]], "who is inside")
        return f"inside as {self.olga.you['role']}"

    async def the_owner_invites(self) -> str:
        """The owner makes an invitation in the tab and sees its row."""
        answer = await self.olga.command(
            "invitation.create", email="vera@example.com", first_name="Vera", last_name="Stone", role="viewer"
        )
        self.invitation_id = answer["result"]["invitation_id"]
        self.link = Link.parse(answer["result"]["link"])
        same(self.link.room_id, self.room_id, "the room in the link")
        await self.olga.until(lambda: held(self.olga).last >= answer["seq"])
        same(rows(self.olga, "invitations")[self.invitation_id]["status"], "created", "the invitation")
        return "created"

    async def the_link_is_looked_at(self) -> str:
        """Vera's device looks at the link on node 2 and shows a countdown before the address is proven."""
        self.looked = await self.two.look(self.link, self.phone)
        same(self.looked["state"], "email_entry", "state of the link")
        same(self.looked["room"]["description"], None, "the description before the address is proven")
        page = await self.tab(self.two, self.looked["lobby_token"]).open()
        same(page.you["state"], "unproven", "state of the page")
        same((waiting(page)["state"], waiting(page)["needs_email"]), ("countdown", True), "what the page shows")
        await page.close()
        return "countdown, address asked for"

    async def the_link_is_claimed(self) -> str:
        """A wrong address is refused, the right one gives a session, again and again on this device."""
        nonce = self.looked["nonce"]
        refusal = await refused("email_mismatch", self.two.claim(self.link, self.phone, nonce, "venus@example.com"))
        same(refusal.status, 403, "HTTP status")
        claimed = await self.one.claim(self.link, self.phone, nonce, "vera@example.com")
        self.vera_id = claimed["participant_id"]
        again = await self.two.look(self.link, self.phone)
        same(again["state"], "claimed_here", "state of the link")
        session = await self.two.claim(self.link, self.phone, again["nonce"])
        same(session["participant_id"], self.vera_id, "the participant of the second claim")
        self.vera_tokens = claimed["session_token"], session["session_token"]
        return "wrong address refused, right one taken"

    async def a_second_device_is_refused(self) -> str:
        """Another device key gets nowhere, and a session cannot be carried over to it."""
        other = DeviceKey()
        looked = await self.two.look(self.link, other)
        same(looked["state"], "used_on_another_device", "state of the link")
        await refused("invite_used", self.one.claim(self.link, other, looked["nonce"], "vera@example.com"))
        await refused("proof_invalid", Tab(self.one.url, self.vera_tokens[0], other).open())
        return "invite_used, proof_invalid"

    async def the_lobby_counts_down(self) -> str:
        """Vera's two tabs, one on each node, count down by the server's clock."""
        self.vera1 = await self.tab(self.one, self.vera_tokens[0], self.phone).open()
        self.vera2 = await self.tab(self.two, self.vera_tokens[1], self.phone).open()
        for tab in (self.vera1, self.vera2):
            same((tab.you["state"], tab.replica), ("waiting", None), "state of the tab")
            same((waiting(tab)["state"], waiting(tab)["needs_email"]), ("countdown", False), "what the tab shows")
            same(waiting(tab)["enter_at_ms"], self.starts_at_ms, "when Vera may come in")
            await all_until(lambda t: t.tick is not None, tab)
            same(tab.tick and tab.tick["starts_at_ms"], self.starts_at_ms, "the start in the tick")
        left_ms = self.starts_at_ms - self.vera2.server_now_ms()
        expect(0 < left_ms < START_IN_MS, f"{left_ms} ms are left")
        return f"{left_ms / 1000:.1f} s to go"

    async def they_enter_at_zero(self) -> str:
        """The owner begins sooner; at zero both tabs are let in by themselves, neither early nor late."""
        self.starts_at_ms = int(self.vera2.server_now_ms()) + MOVED_TO_MS
        await self.olga.command("room.edit", starts_at_ms=self.starts_at_ms)
        for tab in (self.vera1, self.vera2):
            await all_until(lambda t: t.replica is not None, tab)
            same((tab.lobby, tab.you["state"]), (None, "inside"), "state of the tab")
        late_ms = self.vera2.server_now_ms() - self.starts_at_ms
        expect(0 <= late_ms < LATE_MS, f"entered {late_ms} ms after the start")
        await self.olga.until(lambda: held(self.olga).room["phase"] == "open")
        expect(rows(self.olga, "participants")[self.vera_id]["joined_at_ms"] >= self.starts_at_ms, "joined too early")
        same(rows(self.olga, "waiters"), {}, "the line")
        for tab in (self.vera1, self.vera2):
            await all_until(lambda t: held(t).room["phase"] == "open", tab)
            same([held(tab).lists[name] for name in LINE_LISTS], [None, None], "what a viewer is shown of the line")
        await agree(self.olga, self.vera1, self.vera2)
        return f"{late_ms:.0f} ms after the start"

    async def new_arrivals_wait(self) -> str:
        """The owner locks the room; two members who sign in now stand in line, in their order."""
        await self.olga.command("room.lock")
        await self.vera2.until(lambda: held(self.vera2).room["locked"])
        self.ned, self.ned_id = await self.arrive(self.two, "Ned")
        self.wanda, self.wanda_id = await self.arrive(self.one, "Wanda")
        for tab, place in ((self.ned, 1), (self.wanda, 2)):
            same((waiting(tab)["state"], waiting(tab)["position"]), ("waiting_in_line", place), "place in line")
        await self.olga.until(lambda: len(rows(self.olga, "waiters")) == 2)
        in_line = [row["participant_id"] for row in held(self.olga).sorted("waiters") or []]
        same(in_line, [self.ned_id, self.wanda_id], "the line as the owner sees it")
        await agree(self.olga)
        return "two in line"

    async def arrive(self, site: Site, name: str) -> tuple[Tab, str]:
        """Sign a member in and open a tab."""
        user = f"{name.lower()}-{uuid.uuid4().hex[:8]}"
        session = await site.demo_sign_in(self.room_id, user, name, f"{user}@example.com")
        tab = await self.tab(site, session["session_token"]).open()
        return tab, session["participant_id"]

    async def one_is_admitted(self) -> str:
        """The owner lets Ned in; Wanda moves up; deciding twice is refused."""
        answer = await self.olga.command("lobby.admit", participant_ids=[self.ned_id])
        same(answer["result"], {"admitted": [self.ned_id], "already_decided": [], "full": []}, "the answer")
        await self.ned.until(lambda: self.ned.replica is not None)
        await self.wanda.until(lambda: waiting(self.wanda)["position"] == 1)
        await refused("already_decided", self.olga.command("lobby.admit", participant_ids=[self.ned_id]))
        await self.vera1.until(lambda: self.ned_id in rows(self.vera1, "participants"))
        await agree(self.olga, self.ned, self.vera1, self.vera2)
        return "Ned is inside, Wanda is first in line"

    async def a_promotion_reaches_both_tabs(self) -> str:
        """Viewer to moderator: both tabs take the role and see the line; the owner sees 2 of 2."""
        role_rev = await self.change_vera("moderator")
        for tab in (self.vera1, self.vera2):
            expect("admit" in tab.you["permissions"], "a moderator may admit")
            same(list(rows(tab, "waiters")), [self.wanda_id], "the line that is revealed")
            same(rows(tab, "device_requests"), {}, "the device requests that are revealed")
            same(events_of(tab, "refresh")[-1]["forget"], [], "what is to be forgotten")
        same(rows(self.vera1, "waiters"), rows(self.olga, "waiters"), "the line against the owner's")
        return f"role_rev {role_rev} applied on 2 of 2"

    async def change_vera(self, role: str) -> int:
        """Give Vera a role and wait until both her tabs have it and the owner knows."""
        answer = await self.olga.command("role.change", participant_id=self.vera_id, role=role)
        result, role_rev = answer["result"], answer["result"]["role_rev"]
        same((result["changed"], result["expected"]), (True, 2), "the answer to the promoter")
        for tab in (self.vera1, self.vera2):
            await all_until(lambda t: t.you["role_rev"] == role_rev, tab)
            same(tab.you["role"], role, "the role in the tab")
            await all_until(lambda t: role_rev in [event["role_rev"] for event in events_of(t, "refresh")], tab)
        await self.olga.until(lambda: self.report()["role_rev"] == role_rev and self.report()["status"] == "applied")
        same((self.report()["applied"], self.report()["expected"]), (2, 2), "applied of expected")
        same(rows(self.olga, "participants")[self.vera_id]["role"], role, "the role as the owner sees it")
        return int(role_rev)

    def report(self) -> Json:
        """Give how far Vera's role has reached her tabs, as the owner last heard."""
        return self.olga.applied.get(self.vera_id, {"role_rev": -1, "status": None})

    async def a_demotion_takes_it_away(self) -> str:
        """Moderator to viewer: the line is forgotten, and a privileged command is refused."""
        role_rev = await self.change_vera("viewer")
        for tab in (self.vera1, self.vera2):
            refresh = events_of(tab, "refresh")[-1]
            same((sorted(refresh["forget"]), refresh["reveal"]), (sorted(LINE_LISTS), None), "forget and reveal")
            same([held(tab).lists[name] for name in LINE_LISTS], [None, None], "what is shown of the line")
            await refused("role_forbidden", tab.command("lobby.admit", participant_ids=[self.wanda_id]))
        same(waiting(self.wanda)["position"], 1, "Wanda's place")
        await agree(self.olga, self.vera1, self.vera2, self.ned)
        return f"role_rev {role_rev} applied on 2 of 2, line forgotten, role_forbidden"

    async def hands_go_up_and_down(self) -> str:
        """Ned and Vera raise their hands; a viewer cannot clear them, the owner does."""
        await self.ned.command("hand.raise")
        answer = await self.vera2.command("hand.raise")
        await self.vera1.until(lambda: held(self.vera1).last >= answer["seq"])
        for person in (self.ned_id, self.vera_id):
            expect(rows(self.vera1, "participants")[person]["hand_raised_at_ms"], f"{person} has raised a hand")
        await refused("role_forbidden", self.ned.command("hands.clear"))
        cleared = await self.olga.command("hands.clear")
        for tab in (self.olga, self.ned, self.vera1, self.vera2):
            await all_until(lambda t: held(t).last >= cleared["seq"], tab)
            up = [row for row in rows(tab, "participants").values() if row["hand_raised_at_ms"] is not None]
            same(up, [], "hands that are up")
        await agree(self.olga, self.ned, self.vera1, self.vera2)
        return "two up, all down"

    async def a_lost_connection_resumes(self) -> str:
        """Vera's second tab loses its TCP connection, misses five changes, and gets exactly these on return."""
        tab, before = self.vera2, held(self.vera2).last
        await tab.drop()
        await self.ned.command("hand.raise")
        await self.olga.command("room.edit", title="A story, continued")
        await self.olga.command("lobby.admit", participant_ids=[self.wanda_id])
        await self.wanda.until(lambda: self.wanda.replica is not None)
        await self.ned.command("hand.lower")
        seen = len(tab.trace)
        last = await self.olga.command("lobby.message", text="Soon.")
        same(len(tab.trace), seen, "messages to a dead tab")
        await tab.resume()
        welcome = tab.trace[seen]
        same((tab.resumed, welcome["snapshot"]), (True, None), "resumed and snapshot")
        await tab.until(lambda: held(tab).last >= last["seq"])
        frames = [message for message in tab.trace[seen:] if message["type"] == "events"]
        self.no_hole(before, frames)
        kinds = [event["type"] for frame in frames for event in frame["events"]]
        wanted = ["participants.updated", "room.changed", "participants.joined", "participants.updated", "room.changed"]
        same(kinds, wanted, "what was missed")
        await agree(tab, self.vera1, self.olga, self.wanda, self.ned)
        return f"{len(kinds)} events brought after {before}"

    @staticmethod
    def no_hole(last: int, frames: list[Json]) -> None:
        """Fail unless each frame begins where the tab was."""
        for frame in frames:
            expect(frame["after"] <= last, f"a hole between {last} and {frame['after']}")
            last = max(last, frame["upto"])

    async def it_resumes_on_the_other_node(self) -> str:
        """The tab loses its connection again and comes back on node 1."""
        tab = self.vera2
        await tab.drop()
        answer = await self.olga.command("room.unlock")
        tab.url = self.one.url
        await tab.resume()
        expect(tab.resumed, "the other node can resume the tab")
        await tab.until(lambda: held(tab).last >= answer["seq"])
        same(held(tab).room["locked"], False, "the lock")
        await agree(tab, self.olga)
        return "resumed on node 1"

    async def one_is_removed(self) -> str:
        """Ned is put out into the lobby and may knock; he stays in line though the room is unlocked."""
        await self.olga.command("participant.remove", participant_id=self.ned_id)
        await self.ned.until(lambda: self.ned.lobby is not None)
        same((self.ned.left, waiting(self.ned)["state"]), ("removed", "removed"), "where Ned is")
        same((waiting(self.ned)["can_knock"], self.ned.replica), (True, None), "whether he may knock, and his replica")
        await self.vera1.until(lambda: self.ned_id not in rows(self.vera1, "participants"))
        await self.ned.command("lobby.knock")
        await self.ned.until(lambda: waiting(self.ned)["state"] == "waiting_in_line")
        await self.olga.until(lambda: self.ned_id in rows(self.olga, "waiters"))
        expect(rows(self.olga, "waiters")[self.ned_id]["hold"], "why Ned stays in line")
        await refused("not_inside", self.ned.command("hand.raise"))
        await agree(self.olga, self.vera1, self.vera2)
        return "removed, knocked, waits"

    async def one_is_banned(self) -> str:
        """Wanda is put out for good: bye, close code, no way back."""
        await self.olga.command("participant.ban", participant_id=self.wanda_id)
        await self.ended(self.wanda, "banned", 4526)
        refusal = await refused("banned", self.wanda.open())
        same(refusal.retry_after_ms, None, "whether to try again")
        left = [event for event in events_of(self.olga, "participants.left") if event["reason"] == "banned"]
        same([event["participant_ids"] for event in left], [[self.wanda_id]], "who was banned")
        await agree(self.olga, self.vera1, self.vera2)
        return "bye banned, 4526"

    async def the_session_ends(self) -> str:
        """The owner ends it: everybody, inside or in line, hears why and is not to come back; the owner may, to reopen it."""
        await self.olga.command("session.end")
        for tab in (self.olga, self.vera1, self.vera2, self.ned):
            await self.ended(tab, "session_ended", 4522)
        for tab in (self.vera1, self.vera2, self.ned):
            await refused("session_ended", tab.resume())
        await self.olga.resume()
        lobby = self.olga.lobby or {}
        same((lobby.get("state"), lobby.get("can_reopen")), ("session_ended", True), "the host's page")
        for site in (self.one, self.two):
            same((await site.room(self.room_id))["phase"], "ended", "phase")
            await refused("session_ended", site.look(self.link, self.phone))
        return "bye session_ended, 4522"

    async def ended(self, tab: Tab, code: str, close_code: int) -> None:
        """Wait for the end of a connection and check what the tab was told."""
        await tab.until(lambda: tab.close_code is not None)
        same((tab.bye and tab.bye["code"], tab.close_code), (code, close_code), "the end")

    def gaps(self) -> int:
        """Count how often a tab had to ask for the room whole."""
        return sum(tab.gaps for tab in self.tabs)


def steps(story: Story) -> list[Callable[[], Awaitable[str]]]:
    """Give the steps in their order."""
    return [
        story.a_room_is_created,
        story.the_owner_is_inside,
        story.the_owner_invites,
        story.the_link_is_looked_at,
        story.the_link_is_claimed,
        story.a_second_device_is_refused,
        story.the_lobby_counts_down,
        story.they_enter_at_zero,
        story.new_arrivals_wait,
        story.one_is_admitted,
        story.a_promotion_reaches_both_tabs,
        story.a_demotion_takes_it_away,
        story.hands_go_up_and_down,
        story.a_lost_connection_resumes,
        story.it_resumes_on_the_other_node,
        story.one_is_removed,
        story.one_is_banned,
        story.the_session_ends,
    ]


async def play(story: Story) -> int:
    """Play all steps; give the exit status."""
    try:
        for number, step in enumerate(steps(story), 1):
            name = getattr(step, "__name__", "step").replace("_", " ")
            try:
                print(f"ok   {number:2} {name}: {await step()}", flush=True)
            except Exception as failure:
                print(f"FAIL {number:2} {name}: {type(failure).__name__}: {failure}", flush=True)
                return 1
        print(f"gaps in front of a frame: {story.gaps()}")
        return 1 if story.gaps() else 0
    finally:
        await asyncio.gather(*(tab.close() for tab in story.tabs), return_exceptions=True)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Play one room's story across two nodes.")
    parser.add_argument("url1")
    parser.add_argument("url2")
    parser.add_argument("api_key")
    return parser.parse_args()


if __name__ == "__main__":
    given = arguments()
    sys.exit(asyncio.run(play(Story(given.url1, given.url2, given.api_key))))

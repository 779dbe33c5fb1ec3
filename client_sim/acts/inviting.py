"""Inviting as managers do it every day: suggestions, e-mail, a reminder, and a whole class at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from client_sim.api import Link
from client_sim.post_office import PostOffice, attached_types, link_in
from client_sim.stage import OWNER_ID, Stage, expect_refusal, prove

Raw = dict[str, Any]

PEOPLE = [
    {"email": "leonie@example.org", "first_name": "Léonie", "last_name": "Brandt", "external_id": "s-1"},
    {"email": "bruno@example.org", "first_name": "Bruno", "last_name": "Léon", "external_id": "s-2"},
    {"email": "ada@example.org", "first_name": "Ada", "last_name": "Ruiz", "external_id": "s-3"},
]
CLASS_CSV = (
    "email,first_name,last_name,role\r\n"
    "class-1@example.org,Ana,One,viewer\r\n"
    "not an address,Ben,Two,viewer\r\n"
    '"class-3@example.org","Chloé, the third",Three,speaker\r\n'
)


async def suggest(stage: Stage) -> Raw:
    """Who may invite is offered people of the site's directory while typing, accents or not; a viewer is offered nobody."""
    await stage.api().put_people(PEOPLE)
    maya, iris = stage.tabs[OWNER_ID], stage.tabs["iris"]
    found = (await maya.command("people.suggest", text="leon"))["suggestions"]
    prove({row["email"] for row in found} == {"leonie@example.org", "bruno@example.org"}, f"both names are found: {found}")
    prove(set(found[0]) == {"email", "first_name", "last_name"}, "no more is said than fills the form")
    narrower = (await maya.command("people.suggest", text="LEON bra"))["suggestions"]
    prove([row["last_name"] for row in narrower] == ["Brandt"], f"every word counts: {narrower}")
    await expect_refusal("role_forbidden", iris.command("people.suggest", text="leon"), "a viewer asks")
    return {"suggested": len(found)}


async def mail(stage: Stage) -> Raw:
    """A link sent by e-mail arrives once, with the start as a calendar file, and lets its reader in; the manager sees it sent."""
    maya, office = stage.tabs[OWNER_ID], _office(stage)
    address = "leonie@example.org"
    made = await maya.command(
        "invitation.create", email=address, first_name="Léonie", last_name="Brandt", role="speaker", send_email=True
    )
    (letter,) = await office.mails_to(address)
    prove(link_in(letter) == made["link"], f"the mail holds the link: {link_in(letter)!r}")
    prove("text/calendar" in attached_types(letter), f"the start is attached: {attached_types(letter)}")
    await maya.wait_until(lambda _: _mail_status(stage, made["invitation_id"]) == "sent", what="sent mail in the list")
    device = stage.device("leonie")
    session = await stage.api(1).look_and_claim(Link(link_in(letter)), address, device)
    leonie = await stage.open_tab("leonie", session["session_token"], node=1, device=device)
    prove(leonie.replica.is_inside and leonie.replica.role == "speaker", "inside, as speaker")
    prove(len(await office.mails_to(address)) == 1, "exactly one mail came")
    return {"mails": 1, "subject": str(letter["Subject"])}


async def reminder(stage: Stage) -> Raw:
    """Who was invited and has not come is in a list of their own, and is reminded at a click, once."""
    maya, office = stage.tabs[OWNER_ID], _office(stage)
    address = "bruno@example.org"
    made = await maya.command("invitation.create", email=address, first_name="Bruno", last_name="Léon", role="viewer")
    late = [row["email"] for row in await stage.api().invitations(stage.room_id, stage="not_come")]
    prove(address in late and "leonie@example.org" not in late, f"who has not come is listed, who has is not: {late}")
    await maya.command("invitation.remind", invitation_ids=[made["invitation_id"]])
    (letter,) = await office.mails_to(address)
    prove(link_in(letter) == made["link"], f"the reminder holds the link: {link_in(letter)!r}")
    await maya.wait_until(lambda _: _mail_status(stage, made["invitation_id"]) == "sent", what="sent reminder in the list")
    again = maya.command("invitation.remind", invitation_ids=[made["invitation_id"]])
    refused = await expect_refusal("mail_too_soon", again, "a second reminder at once")
    return {"not_come": len(late), "retry_after_ms": refused.retry_after_ms}


async def bulk(stage: Stage) -> Raw:
    """A file is tried first, with an error for the one wrong row, and then taken; sent again it makes nothing twice."""
    api, maya = stage.api(1), stage.tabs[OWNER_ID]
    tried = await api.invite_many(stage.room_id, CLASS_CSV, dry_run=True)
    statuses = [row["status"] for row in tried["rows"]]
    prove(statuses == ["would_create", "error", "would_create"], f"the dry run says what would be: {statuses}")
    wrong = tried["rows"][1]
    prove(wrong["line"] == 3 and bool(wrong["code"]), f"the wrong row is named: {wrong}")
    prove(not _rows_of(stage, "class-"), "the dry run made nothing")
    made = await api.invite_many(stage.room_id, CLASS_CSV)
    again = await stage.api().invite_many(stage.room_id, CLASS_CSV)
    prove(made["counts"] == {"created": 2, "error": 1}, f"two were invited: {made['counts']}")
    prove(again["counts"] == {"repeated": 2, "error": 1}, f"nobody twice: {again['counts']}")
    links = [[row["link"] for row in answer["rows"]] for answer in (made, again)]
    prove(links[0] == links[1], "the links are the same")
    await maya.wait_until(lambda _: len(_rows_of(stage, "class-")) == 2, what="the class in the list")
    return {"rows": 3, "created": 2, "errors": 1, "code": wrong["code"]}


def _office(stage: Stage) -> PostOffice:
    assert stage.site.post_office is not None
    return stage.site.post_office


def _mail_status(stage: Stage, invitation_id: str) -> str | None:
    row = (stage.tabs[OWNER_ID].replica.invitations or {}).get(invitation_id)
    sent: dict[str, Any] | None = row["mail"] if row else None
    return sent["status"] if sent else None


def _rows_of(stage: Stage, prefix: str) -> list[Mapping[str, Any]]:
    invitations = stage.tabs[OWNER_ID].replica.invitations or {}
    return [row for row in invitations.values() if row["email"].startswith(prefix)]

"""The protocol page says what the declarations say, and names every message, event, shape and refusal."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest

from server.domain.refusals import ALL
from server.wire import events, messages, reference

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text()

MESSAGES = [
    str(message.__struct_config__.tag)
    for union in (messages.AnyServerMessage, messages.AnyClientMessage, events.AnyWireEvent)
    for message in typing.get_args(union)
]


def test_the_reference_on_the_page_is_what_the_declarations_render():
    before, found, rest = PAGE.partition(reference.BEGIN)
    shown, closed, _ = rest.partition(reference.END)
    assert found, "the page has lost its mark"
    assert closed, "the page has lost its closing mark"
    assert shown.strip("\n") == reference.render().strip("\n")
    assert reference.BEGIN not in before + rest


@pytest.mark.parametrize("tag", MESSAGES)
def test_every_message_and_event_is_described(tag):
    assert f"**`{tag}`**: " in PAGE


@pytest.mark.parametrize("refusal", ALL, ids=lambda refusal: refusal.code)
def test_every_refusal_is_listed_with_its_status_and_close_code(refusal):
    assert f"| `{refusal.code}` | {refusal.status} | {refusal.close_code} |" in PAGE


def test_no_two_messages_have_one_name():
    assert len(MESSAGES) == len(set(MESSAGES))

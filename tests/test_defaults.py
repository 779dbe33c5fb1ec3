"""The page of defaults says what is so: each value is the code's, and each test that it names is there."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "defaults.md").read_text()
ROWS = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in PAGE.splitlines() if line.startswith("| ")][1:]
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def value_of(place: str) -> Any:
    """`module:NAME`, or the default of a dataclass's field as `module:Class.field`."""
    module, _, name = place.partition(":")
    owner, _, field_name = name.partition(".")
    found = getattr(importlib.import_module(module), owner)
    if not field_name:
        return found
    field = next(field for field in dataclasses.fields(found) if field.name == field_name)
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


@pytest.mark.parametrize(("what", "shown", "place"), [(what, shown, place) for what, shown, place, _ in ROWS])
def test_the_value_on_the_page_is_the_codes(what: str, shown: str, place: str):
    value = value_of(place.strip("`"))
    assert json.loads(shown.strip("`")) == (list(value) if isinstance(value, tuple) else value), what


@pytest.mark.parametrize(("path", "name"), TESTS)
def test_the_test_on_the_page_is_there(path: str, name: str):
    tree = ast.parse((ROOT / path).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_each_default_names_a_test():
    assert all(re.fullmatch(r"`tests/[\w/]+\.py::\w+`", shown_by) for *_, shown_by in ROWS)
    assert len(ROWS) > 30

"""The pages say what is so: settings with their defaults, links that lead somewhere, folders that exist."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from server.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
SETTING_ROW = re.compile(r"^\| `([A-Z_]+)` \| ([^|]*) \|", re.MULTILINE)


def settings_rows() -> dict[str, str]:
    return dict(SETTING_ROW.findall((ROOT / "docs" / "operations.md").read_text()))


def test_the_operations_page_names_every_setting_and_no_other():
    assert set(settings_rows()) == {field.name.upper() for field in dataclasses.fields(Settings)}


def test_the_operations_page_states_the_defaults_of_the_numbers():
    numbers = {f.name.upper(): str(f.default) for f in dataclasses.fields(Settings) if type(f.default) is int}
    rows = settings_rows()
    assert {name: rows[name].strip() for name in numbers} == numbers


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page):
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_architecture_page_names_every_folder_of_the_server():
    page = (ROOT / "docs" / "architecture.md").read_text()
    folders = [path.name for path in (ROOT / "server").iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert [folder for folder in folders if f"`server/{folder}`" not in page] == []


def test_the_readme_names_only_commands_that_there_are():
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert {verb for verb in named if not re.search(rf"^{verb}:", makefile, re.MULTILINE)} == set()

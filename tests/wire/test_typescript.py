"""The types of the browser library are those of the declarations, name no `any`, and a compiler takes them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from server.domain.refusals import ALL
from server.wire import messages, typescript

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "server" / "web" / "pages" / "client"
TYPES = sorted(PAGES.glob("*.d.ts"))
USES = ROOT / "tests" / "browser" / "uses.ts"


def deno() -> str:
    """The compiler: beside this Python, else on the PATH. A package of the dev extra brings it."""
    beside = Path(sys.executable).with_name("deno")
    found = str(beside) if beside.exists() else shutil.which("deno")
    assert found, "no deno here: `pip install deno`, or install this project with its dev extra"
    return found


def test_the_served_types_are_what_the_declarations_render():
    assert (PAGES / "greenroom-client.d.ts").read_text() == typescript.render()


@pytest.mark.parametrize("path", TYPES, ids=lambda path: path.name)
def test_no_type_is_left_open(path):
    code = re.sub(r"/\*\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"\bany\b", code)


def test_every_command_and_every_refusal_has_its_type():
    rendered = typescript.render()
    for command in typing.get_args(messages.AnyCommand):
        assert f'  "{command.__struct_config__.tag}": {{ fields: ' in rendered
    for refusal in ALL:
        assert f'"{refusal.code}"' in rendered


def check(files: list[Path], config: Path, home: Path) -> None:
    """Let the compiler read `files`, without a network."""
    ended = subprocess.run(
        [deno(), "check", "--no-remote", "--no-npm", "--no-lock", "--config", str(config), *map(str, files)],
        env={"DENO_DIR": str(home), "NO_COLOR": "1", "HOME": str(home)}, capture_output=True, text=True, check=False, timeout=100,
    )
    assert ended.returncode == 0, ended.stderr


def test_a_compiler_takes_the_types_and_refuses_what_they_forbid(tmp_path):
    check([USES], write_config(tmp_path, strict=True), tmp_path)
    assert USES.read_text().count("@ts-expect-error") >= 5


def test_the_compiler_finds_no_wrong_name_in_the_library(tmp_path):
    check(sorted(PAGES.glob("greenroom-*.js")), write_config(tmp_path, strict=False), tmp_path)


def write_config(folder: Path, *, strict: bool) -> Path:
    """`strict` is for what has types; of the scripts without it is asked that every name exists."""
    path = folder / "deno.json"
    options = {"strict": strict, "checkJs": True, "lib": ["esnext", "dom", "dom.iterable"]}
    path.write_text(json.dumps({"compilerOptions": options}))
    return path

"""Who may import whom, and how large a piece may be: the shape of the code, read from the code itself."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# What a layer may import of the server, beside itself.
# The documents of the protocol name the version.
MAY_IMPORT: dict[str, set[str]] = {
    "domain": set(),
    "wire": {"domain", "__version__"},
    "store": {"domain", "settings", "redis_url"},
    "hub": {"domain", "wire", "settings"},
    "trust": {"domain", "settings"},
    "mail": {"domain", "settings"},
    "actions": {"domain", "store", "trust", "mail", "settings"},
    "web": {"__version__", "domain", "wire", "store", "hub", "actions", "trust", "settings"},
    "background": {"domain", "wire", "store", "hub", "actions", "mail", "settings"},
    "settings": {"redis_url"},
    "redis_url": set(),
    "launcher": {"settings"},
    "__init__": set(),
}
MAY_IMPORT_EVERYTHING = {"app", "__main__"}

# Layers that use nothing but the standard library and these.
PACKAGES_OF: dict[str, set[str]] = {"domain": set(), "wire": {"msgspec", "msgpack"}, "settings": set(), "redis_url": set()}

# A rule gets clock, chance and the world as arguments.
IMPURE = {
    "asyncio", "datetime", "http", "os", "random", "secrets",
    "socket", "subprocess", "threading", "time", "urllib", "uuid",
}

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
# Lists that have to stay in one place each, and hold no logic.
LISTS = {
    "server/settings.py": 350,
    "server/domain/refusals.py": 650,
    "server/store/keys.py": 350,
    "server/wire/messages.py": 650,
    "server/wire/views.py": 400,
}


def python_files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def layer_of(path: Path) -> str:
    """`server/store/keys.py` → `store`, `server/app.py` → `app`."""
    return path.relative_to(ROOT / "server").parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the full dotted name of everything that a file imports, wherever in the file it does."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join(base + ([node.module] if node.module else []))
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def server_layer(name: str) -> str | None:
    """Which layer of the server an imported name belongs to; None outside of the server."""
    parts = name.split(".")
    return (parts[1] if len(parts) > 1 else "__init__") if parts[0] == "server" else None


def is_outside(name: str) -> bool:
    """Whether a name belongs to a package that has to be installed."""
    top = name.split(".")[0]
    return top != "server" and top not in sys.stdlib_module_names


@pytest.mark.parametrize("path", python_files("server"), ids=shown)
def test_each_layer_imports_only_what_lies_below_it(path):
    layer = layer_of(path)
    if layer in MAY_IMPORT_EVERYTHING:
        return
    assert layer in MAY_IMPORT, f"{layer} is no layer: add it here with what it may import, and to the docs."
    wrong = [
        f"{shown(path)}:{line} imports {name}"
        for line, name in imports_of(path)
        if (found := server_layer(name)) is not None and found != layer and found not in MAY_IMPORT[layer]
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", [p for p in python_files("server") if layer_of(p) in PACKAGES_OF], ids=shown)
def test_rules_messages_and_settings_lean_on_next_to_nothing(path):
    allowed = PACKAGES_OF[layer_of(path)]
    wrong = [
        f"{shown(path)}:{line} imports {name}"
        for line, name in imports_of(path)
        if is_outside(name) and name.split(".")[0] not in allowed
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", python_files("server/domain"), ids=shown)
def test_rules_have_no_clock_no_chance_and_no_world(path):
    wrong = [f"{shown(path)}:{line} imports {name}" for line, name in imports_of(path) if name.split(".")[0] in IMPURE]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", python_files("client_sim"), ids=shown)
def test_the_client_knows_the_protocol_and_not_the_server(path):
    wrong = [f"{shown(path)}:{line} imports {name}" for line, name in imports_of(path) if server_layer(name)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", python_files("server") + python_files("client_sim"), ids=shown)
def test_no_file_outgrows_one_noun(path):
    most = LISTS.get(shown(path), MAX_FILE_LINES)
    lines = len(path.read_text().splitlines())
    assert lines <= most, f"{shown(path)} has {lines} lines, more than {most}: split it by what it is about."


@pytest.mark.parametrize("path", python_files("server") + python_files("client_sim"), ids=shown)
def test_every_function_fits_a_screen(path):
    too_long = [
        f"{shown(path)}:{node.lineno} {node.name} has {length} lines"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]
    assert not too_long, "\n".join(too_long)


def test_timed_tests_are_where_make_looks_for_them():
    (line,) = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("TIMED :=")]
    folders = [ROOT / name for name in line.partition(":=")[2].split()]
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]
    timed = [path for path in tests if "pytest.mark.timed" in path.read_text()]
    assert timed
    assert {folder for folder in folders if any(folder in path.parents for path in timed)} == set(folders)
    assert [shown(path) for path in timed if not any(folder in path.parents for folder in folders)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "server").rglob("*.lua")), ids=shown)
def test_every_script_says_what_it_takes_and_what_it_returns(path):
    header = []
    for line in path.read_text().splitlines():
        if not line.startswith("--"):
            break
        header.append(line)
    comment = "\n".join(header)
    assert "ARGV" in comment or "args" in comment, f"{shown(path)} does not say what it takes."
    if not path.name.startswith("_"):  # what other scripts include returns nothing itself
        assert "Returns" in comment, f"{shown(path)} does not say what it returns."


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("import server.store.keys", "server.store.keys"),
        ("from server.store import keys", "server.store.keys"),
        ("from server import app", "server.app"),
        ("from ..store.keys import ShardKeys", "server.store.keys.ShardKeys"),
        ("from . import rooms", "server.hub.rooms"),
        ("def later():\n    import redis.asyncio", "redis.asyncio"),
    ],
)
def test_every_form_of_import_is_read(statement, name, monkeypatch, tmp_path):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / "server" / "hub" / "module.py"
    path.parent.mkdir(parents=True)
    path.write_text(statement)
    assert [found for _, found in imports_of(path)] == [name]

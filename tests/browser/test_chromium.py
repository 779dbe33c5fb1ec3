"""Where the browser comes from: what is named counts, and where there is none the tests fail and say what to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser import chromium


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    chromium.chromium_path.cache_clear()
    yield
    chromium.chromium_path.cache_clear()


def program(folder, name):
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_the_environment_names_it(monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", program(tmp_path, "mine"))
    assert chromium.chromium_path() == str(tmp_path / "mine")


@pytest.mark.parametrize("named", ["/nowhere/chromium", "/"])
def test_a_name_that_is_no_program_is_no_reason_to_take_another(monkeypatch, named):
    monkeypatch.setenv("CHROMIUM", named)
    with pytest.raises(RuntimeError, match="which is no program"):
        chromium.chromium_path()


def test_one_on_the_path_is_found(monkeypatch, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program(tmp_path, "google-chrome") == chromium.chromium_path()


def test_one_of_playwrights_is_found(monkeypatch, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "browsers"))
    folder = tmp_path / "browsers" / "chromium-1" / "chrome-linux"
    folder.mkdir(parents=True)
    assert program(folder, "chrome") == chromium.chromium_path()


def test_without_any_the_failure_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "_runs", lambda command: False)
    with pytest.raises(RuntimeError, match="CHROMIUM"):
        chromium.chromium_path()


def test_the_systems_packages_are_asked_before_a_build_of_playwrights(monkeypatch, tmp_path):
    asked = []
    program(tmp_path, "apt-get")
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(chromium, "_runs", lambda command: asked.append(command[0]) or program(tmp_path, "chromium") != "")
    assert chromium.chromium_path() == str(tmp_path / "chromium")
    assert asked == ["apt-get"] * 3

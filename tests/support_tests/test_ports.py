"""Ports: nobody else gets one that was given, as long as whoever got it lives."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support import ports
from tests.support.nodes import ROOT
from tests.support.ports import free_port

TAKE = "from tests.support import ports; ports._FIRST = ports._LAST = {port}; print(ports.free_port())"


def take(port: int) -> int:
    """Another process asks for just this port; returns how it ended."""
    return subprocess.run([sys.executable, "-c", TAKE.format(port=port)], cwd=ROOT, capture_output=True, check=False).returncode


def test_a_port_that_was_given_is_given_to_no_other_process_though_nobody_listens_on_it():
    assert take(free_port()) != 0


def test_a_port_is_free_again_when_the_process_that_had_it_has_ended():
    port = free_port()
    os.close(ports._given.pop(port))
    assert (take(port), take(port)) == (0, 0)

"""The tests of the JavaScript by node: tests/js, run as one."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.javascript import node

FILES = sorted((Path(__file__).parent / "js").glob("*.test.mjs"))


def test_the_tests_in_node_pass() -> None:
    assert FILES
    ran = subprocess.run([node(), "--test", *map(str, FILES)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr

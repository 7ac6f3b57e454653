"""JavaScript modules called from a test, by node; such a test is skipped where there is no node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lossviz.figures import module_bundle

CANVAS = Path(module_bundle.__file__).parent / "canvas"


def node() -> str:
    """The node of this machine."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("no node found: install nodejs to test the JavaScript without a browser")
    return found


def call(modules: Path | Sequence[Path], function: str, *arguments: Any) -> Any:
    """The JSON of what an arrow function gives, which has the exports of the modules in `module`. Typed
    arrays come as lists."""
    paths = [modules] if isinstance(modules, Path) else modules
    urls = json.dumps([path.resolve().as_uri() for path in paths])
    code = f"""import {{ readFileSync }} from "node:fs";
const module = Object.assign({{}}, ...(await Promise.all({urls}.map((url) => import(url)))));
const run = {function};
const told = run(...JSON.parse(readFileSync(0, "utf8")));
console.log(JSON.stringify(told, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value)));"""
    ran = subprocess.run(
        [node(), "--input-type=module", "--eval", code],
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)

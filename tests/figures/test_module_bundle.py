"""Bundles of modules: what a browser loads in one piece is what node loads module by module."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lossviz
from lossviz.figures.module_bundle import bundle, modules
from tests.javascript import call

LIBRARY = Path(lossviz.__file__).parent


def write(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text)
    return folder / "main.js"


def test_modules_stand_after_what_they_import_each_once(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        main='// Entry.\n\nimport { two } from "./two.js";\nimport {\n  one,\n} from "./one.js";\n\n'
        "export default () => one + two;\n",
        two='import { one } from "./one.js";\n\nexport const two = 2 * one;\n',
        one="export const one = 1;\n",
    )
    assert [path.stem for path in modules(entry)] == ["one", "two", "main"]
    text = bundle(entry)
    assert "import" not in text
    assert "Entry" not in text  # comments stay behind
    assert re.findall(r"^export.*", text, re.M) == ["export default () => one + two;"]
    joined = tmp_path / "joined.mjs"
    joined.write_text(text)
    assert call(joined, "() => module.default()") == 3


def test_modules_may_import_each_other(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        main='import { even } from "./even.js";\n\nexport default even;\n',
        even='import { odd } from "./odd.js";\n\nexport const even = (n) => n === 0 || odd(n - 1);\n',
        odd='import { even } from "./even.js";\n\nexport const odd = (n) => n !== 0 && even(n - 1);\n',
    )
    joined = tmp_path / "joined.mjs"
    joined.write_text(bundle(entry))
    assert call(joined, "() => [module.default(4), module.default(5)]") == [True, False]


def test_a_name_of_two_modules_is_refused(tmp_path: Path) -> None:
    texts = {"main": 'import "./one.js";\n\nfunction half() {}\n', "one": "export const half = 1;\n"}
    entry = write(tmp_path, **texts)
    with pytest.raises(ValueError, match=r"main\.js: modules of one bundle must not share a name; got half"):
        bundle(entry)


def test_every_script_of_the_library_is_part_of_a_component_or_a_page() -> None:
    scripts = set(LIBRARY.rglob("*.js"))
    entries = {path for path in scripts if path.stem in ("main", "handout", "replay", "share", "angle")}
    assert {module for entry in entries for module in modules(entry)} == scripts


@pytest.mark.parametrize("entry", sorted(LIBRARY.rglob("main.js")), ids=lambda path: path.parent.name)
def test_every_module_imports_what_it_needs(entry: Path) -> None:
    """Node refuses an import that no module exports; the component tests load the modules as they are."""
    assert call(entry, "() => typeof module.default") == "function"

"""The files of the contour component: of one subject and a few screens each, one module together."""

import re
from pathlib import Path

from lossviz.ui.components.contours.source import PARTS, handout, source

FOLDER = Path(__file__).resolve().parents[3] / "lossviz" / "ui" / "components" / "contours"


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.js").read_text(encoding="utf-8")


def test_every_file_is_a_part_and_every_part_is_joined():
    assert sorted([*PARTS, "handout"]) == sorted(path.stem for path in FOLDER.glob("*.js"))
    assert all(text_of(name) in source() for name in PARTS)


def test_a_page_to_hand_out_has_all_parts_and_exports_nothing():
    assert text_of("handout") in handout()
    assert not re.findall(r"^(?:import|export)\b", handout(), re.M)


def test_a_part_is_a_few_screens():
    assert max(len(text_of(name).splitlines()) for name in PARTS) <= 350


def test_only_the_last_part_exports_and_none_imports():
    for name in PARTS:
        found = re.findall(r"^(?:import|export)\b.*", text_of(name), re.M)
        assert len(found) == (name == PARTS[-1]), found


def test_no_name_is_declared_twice():
    declared = re.findall(
        r"^(?:export default )?(?:async )?(?:function|const|let|class) (\w+)", source(), re.M
    )
    assert len(declared) > 60
    assert len(declared) == len(set(declared))

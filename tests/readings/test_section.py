"""Sections of reading pages: records in the order in which they are added, which make their parts anew."""

from __future__ import annotations

from collections.abc import Iterator

from lossviz.readings.section import PageData, Part, Sections
from lossviz.readings.view import ReadView
from tests.readings.made import reading

Data = PageData[ReadView]


def test_a_section_is_added_with_its_title_its_parts_and_its_controls() -> None:
    sections = Sections[Data]()

    @sections.add("second", "Names", "How the classes are called.", lambda data: ["part"], whole=True)
    def _names(data: Data) -> Iterator[Part]:
        yield ", ".join(data.classes)

    @sections.add("first", "Nothing", lambda data: f"{len(data.readings)} runs.")
    def _nothing(data: Data) -> Iterator[Part]:
        yield from ()

    data = PageData(ReadView(), [reading([0, 1], [0, 1], classes=2)], ())
    assert sections.titles == {"second": "Names", "first": "Nothing"}
    names, nothing = sections.values()
    assert list(names.parts(data)) == ["a, b"]
    assert list(names.controls(data)) == ["part"]
    assert (names.whole, nothing.whole) == (True, False)
    assert list(nothing.controls(data)) == []
    assert callable(nothing.how)
    assert nothing.how(data) == "1 runs."


def test_without_readings_there_are_no_classes() -> None:
    assert PageData(ReadView(), (), ()).classes == ()

"""Values as text: for a shell, a terminal, a link, a label."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lossviz.core import names
from lossviz.core.errors import LossError
from lossviz.training.config import RunConfig

# Letters that a shell, Python or a terminal reads as more than themselves.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=12)
ECHO = "import json, sys; print(json.dumps(sys.argv[1:]))"


def words_of(command: str) -> list[str]:
    """What a program gets from a command that a shell runs."""
    assert command.startswith("python -m lossviz ")
    line = command.replace("python -m lossviz", f'"{sys.executable}" -c "{ECHO}"', 1)
    told = subprocess.run(["sh", "-c", line], capture_output=True, check=True)
    heard: list[str] = json.loads(told.stdout)
    return heard


@settings(max_examples=15, deadline=None)
@given(TEXTS)
@example("./my 'images' \"$HOME\" `id` $(id) \\ !x & ; | > * ? ~ # {a,b}")
@example("~/x\ny")
@example("--strange/folder")
@example("-x/y")
def test_a_shell_hands_on_the_path_in_a_command_as_it_is(name: str) -> None:
    from lossviz.cli.words import join_values, pairs

    told = dict(pairs(join_values(words_of(RunConfig(data=name).to_command())[1:])))
    assert told["data"] == name


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux alone")
def test_a_path_that_is_no_utf8_is_a_text_that_leads_back_to_it(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 %41 100%"))
    folder.mkdir()
    text = names.path_text(str(folder))
    assert text.isascii()
    assert names.path_of(text) == folder
    assert os.path.samefile(names.path_of(text), folder)
    config = RunConfig(data=str(folder))
    assert RunConfig.from_json(config.to_json()) == config
    assert words_of(config.to_command())[1:3] == ["--data", text]


@pytest.mark.parametrize("name", ["digits", "./a b", "~/x", "日本/語", "e\u0301", "file.npz", "a%20b/"])
def test_any_other_path_stays_as_it_is_written(name: str) -> None:
    assert names.path_text(name) == name
    assert names.path_of(name) == Path(name)


def test_half_a_character_that_no_file_has_is_refused() -> None:
    with pytest.raises(LossError, match="half a character"):
        names.path_text("./\ud800")


def test_a_reader_sees_a_byte_that_is_no_utf8() -> None:
    assert names.display_text(os.fsdecode(b"caf\xe9")) == "caf\\xe9"
    names.display_text("\ud800 \udfff").encode()


def test_a_terminal_gets_one_line_and_no_commands() -> None:
    assert names.line("a\nb\x1b[31mc\u2028é漢") == "a\\nb\\x1b[31mc\\u2028é漢"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("12345", "12345"),
        ("123456", "1234…"),
        ("1\n2\t 3", "1 2 3"),
        ("abc e\u0301xyz", "abc…"),
        ("abce\u0301x", "abc…"),
        ("", ""),
    ],
)
def test_a_name_is_cut_to_one_line_between_whole_letters(name: str, expected: str) -> None:
    assert names.shortened(name, 5) == expected

"""Names of data sets that no file can have."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossviz.core.errors import DataError
from lossviz.data import Choice, find, load


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("", "a data set must be one of"),
        ("a" * 5000, "a data set must be one of"),
        ("/" + "a" * 5000, "no file or folder has so long a name"),
        ("~nobody-of-this-name/images", "a user of this machine"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused_in_one_sentence(place: Path, name: str, text: str) -> None:
    for ask in (find, lambda name: load(Choice(name))):
        with pytest.raises(DataError, match=text) as refused:
            ask(name)
        assert len(str(refused.value)) < 400

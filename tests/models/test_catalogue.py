"""The catalogue of networks: what is in it, how it is found, and what is said about a wrong request."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import models
from lossviz.core.errors import NetError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fresh_search() -> Iterator[None]:
    models._found.cache_clear()
    yield
    models._found.cache_clear()


def test_every_network_of_the_papers_is_there_and_the_adversary_is_not() -> None:
    assert list(models.catalogue()) == [
        "small",
        "lenet++",
        "camri-cnn",
        "resnet-20",
        "resnet-56",
        "resnet-18",
        "resnet-34",
        "resnet-50",
        "wrn-28-10",
    ]
    assert models.keys() == list(models.catalogue())


def test_every_network_says_where_it_comes_from_and_what_it_is_for() -> None:
    for key, spec in models.catalogue().items():
        assert spec.key == key
        assert spec.title
        assert spec.source
        assert spec.note.endswith(".")
        assert spec.smallest == 8


def test_a_new_file_is_a_new_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_search: None
) -> None:
    (tmp_path / "brand_new_net.py").write_text(
        "from lossviz.losses.spec import NetSpec\n"
        "NETS = (NetSpec(key='brand-new', title='New', source='test', build=dict, note='A test.'),)\n"
    )
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    assert models.get("brand-new").title == "New"
    assert "small" in models.catalogue()
    sys.modules.pop("models.brand_new_net", None)


def test_a_key_given_twice_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_search: None
) -> None:
    (tmp_path / "second_small_net.py").write_text(
        "from lossviz.losses.spec import NetSpec\n"
        "NETS = (NetSpec(key='small', title='Again', source='test', build=dict),)\n"
    )
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    with pytest.raises(NetError, match=r"the key 'small' is given twice"):
        models.catalogue()
    sys.modules.pop("models.second_small_net", None)


def test_changing_the_returned_catalogue_does_not_change_the_next_one() -> None:
    models.catalogue().clear()
    assert "small" in models.catalogue()


@pytest.mark.parametrize("written", ["ResNet-20", "resnet_20", " resnet-20 "])
def test_case_underscores_and_blanks_do_not_matter(written: str) -> None:
    assert models.get(written).key == "resnet-20"


def test_an_unknown_network_is_answered_with_the_nearest() -> None:
    with pytest.raises(NetError, match=r"no network is called 'resnet20'; did you mean .*resnet-20"):
        models.get("resnet20")


def test_a_name_near_to_none_is_answered_with_all() -> None:
    with pytest.raises(NetError, match=r"'xyzzy'; there are small, lenet\+\+, .*, wrn-28-10"):
        models.get("xyzzy")


@pytest.mark.parametrize("key", models.keys())
@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"size": 7}, r"size must be a whole number of at least 8 pixels a side; got 7; choose larger"),
        ({"size": 28.0}, r"size must be a whole number of at least 8 .*; got 28\.0"),
        ({"channels": 0}, r"channels must be a whole number of at least 1; got 0"),
        ({"dimension": 0}, r"dimension must be a whole number of at least 1; got 0"),
        ({"dimension": True}, r"dimension must be a whole number of at least 1; got True"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(key: str, shape: dict[str, int], words: str) -> None:
    with pytest.raises(NetError, match=words) as caught:
        models.get(key).build(**shape)
    assert str(caught.value).startswith(f"{key}: ")


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    models.get("small").build(channels=np.int64(1), size=np.int32(8), dimension=np.int64(2))

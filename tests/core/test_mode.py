"""How a server is used: by its address and by what its owner says."""

from __future__ import annotations

import dataclasses
import math

import pytest

from lossviz.core.errors import ConfigError
from lossviz.core.mode import Host, Limits, Mode


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.2", "LOCALHOST."])
def test_a_server_that_only_this_machine_reaches_allows_everything(address: str) -> None:
    mode = Mode.read({}, address)
    assert not mode.shared
    assert mode.loopback
    assert all(value == math.inf for value in dataclasses.astuple(mode.limits))


@pytest.mark.parametrize(
    "address", [None, "", "0.0.0.0", "::", "192.168.0.7", "lab.example", "localhost.lab"]
)
def test_any_other_address_is_shared_and_every_limit_is_set(address: str | None) -> None:
    mode = Mode.read({}, address)
    assert mode.shared
    assert not mode.loopback
    assert all(0 < value < math.inf for value in dataclasses.astuple(mode.limits))


def test_the_owner_s_word_goes_before_the_address() -> None:
    behind_a_proxy = Mode.read({"LOSSVIZ_SHARED": "1"}, "127.0.0.1")
    assert behind_a_proxy.shared
    assert behind_a_proxy.loopback
    opened = Mode.read({"LOSSVIZ_SHARED": "0"}, "0.0.0.0")
    assert not opened.shared
    assert not opened.loopback
    assert "WARNING" in opened.words()
    assert "WARNING" not in Mode.read({"LOSSVIZ_SHARED": "0"}, "127.0.0.1").words()


def test_a_limit_is_set_in_both_modes_and_taken_away_by_none() -> None:
    own = Mode.read({"LOSSVIZ_MAX_MINUTES": "1.5"}, "127.0.0.1")
    assert not own.shared
    assert own.limits == dataclasses.replace(Limits(), minutes=1.5)
    shared = Mode.read({"LOSSVIZ_MAX_MINUTES": "none", "LOSSVIZ_MAX_JOBS": "7"}, "0.0.0.0")
    assert shared.limits.minutes == math.inf
    assert shared.limits.jobs == 7


@pytest.mark.parametrize("name", [f.metadata["variable"] for f in dataclasses.fields(Limits)])
@pytest.mark.parametrize("text", ["many", "-1", "0", "inf", "nan", "1e999", "٣", "1 000"])
def test_a_limit_that_is_no_number_is_refused_with_its_name(name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Mode.read({name: text}, "0.0.0.0")


@pytest.mark.parametrize("text", ["2", "maybe", "ja"])
def test_a_mode_that_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="LOSSVIZ_SHARED"):
        Mode.read({"LOSSVIZ_SHARED": text}, "127.0.0.1")


def test_hosts_are_names_with_or_without_a_port() -> None:
    mode = Mode.read({"LOSSVIZ_HOSTS": " Lab.Example , loss.example.:8443,[fe80::1]:80,"}, "0.0.0.0")
    assert mode.hosts == (Host("lab.example"), Host("loss.example", 8443), Host("[fe80::1]", 80))


@pytest.mark.parametrize("text", ["http://lab", "lab/x", "lab:0", "lab:99999", "a b", "me@lab", "lab:x"])
def test_a_host_that_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="LOSSVIZ_HOSTS"):
        Mode.read({"LOSSVIZ_HOSTS": text}, "0.0.0.0")


def test_the_log_names_every_limit_with_its_variable() -> None:
    words = Mode.read({"LOSSVIZ_HOSTS": "lab.example:8501"}, "0.0.0.0").words()
    assert "shared" in words
    assert "lab.example:8501" in words
    for field in dataclasses.fields(Limits):
        assert field.metadata["variable"] in words

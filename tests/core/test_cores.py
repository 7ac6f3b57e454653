"""How many cores there are: the least of affinity and what a container's control groups allow."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from lossviz.core import cores


def group(place: Path, **files: str) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (place / name.replace("cpu_", "cpu.", 1)).write_text(text + "\n")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("200000 100000", 2),
        ("50000 100000", 0.5),
        ("max 100000", math.inf),
        ("", math.inf),
        ("x y", math.inf),
    ],
)
def test_the_quota_of_version_2_is_quota_by_period(tmp_path: Path, text: str, allowed: float) -> None:
    group(tmp_path / "fs", cpu_max=text)
    (tmp_path / "own").write_text("0::/\n")
    assert cores.quota(tmp_path / "fs", tmp_path / "own") == allowed


@pytest.mark.parametrize(("quota", "allowed"), [("300000", 3), ("-1", math.inf), ("0", math.inf)])
@pytest.mark.parametrize("mount", ["cpu,cpuacct", "cpu"])
def test_the_quota_of_version_1_is_quota_by_period(
    tmp_path: Path, quota: str, allowed: float, mount: str
) -> None:
    group(tmp_path / "fs" / mount / "docker" / "abc", cpu_cfs_quota_us=quota, cpu_cfs_period_us="100000")
    (tmp_path / "own").write_text("4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/\n")
    assert cores.quota(tmp_path / "fs", tmp_path / "own") == allowed


def test_the_narrowest_level_counts_and_a_path_from_outside_is_no_obstacle(tmp_path: Path) -> None:
    group(tmp_path / "fs", cpu_max="800000 100000")
    group(tmp_path / "fs" / "a", cpu_max="250000 100000")
    group(tmp_path / "fs" / "a" / "b", cpu_max="max 100000")
    (tmp_path / "own").write_text("0::/a/b\n")
    assert cores.quota(tmp_path / "fs", tmp_path / "own") == 2.5
    (tmp_path / "own").write_text("0::/kubepods/pod1/c\n")
    assert cores.quota(tmp_path / "fs", tmp_path / "own") == 8


def test_a_system_without_control_groups_has_no_quota(tmp_path: Path) -> None:
    assert cores.quota(tmp_path, tmp_path / "none") == math.inf


@pytest.mark.parametrize(
    ("text", "count"), [("max 1", 6), ("150000 100000", 2), ("1000 100000", 1), ("900000 100000", 6)]
)
def test_cores_are_the_least_of_affinity_and_quota_and_at_least_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, count: int
) -> None:
    group(tmp_path / "fs", cpu_max=text)
    (tmp_path / "own").write_text("0::/\n")
    monkeypatch.setattr(cores, "CGROUPS", tmp_path / "fs")
    monkeypatch.setattr(cores, "OWN", tmp_path / "own")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(6)), raising=False)
    assert cores.count() == count

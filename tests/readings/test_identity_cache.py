"""Numbers of arrays, kept by which arrays they are of."""

import gc

import numpy as np

from lossviz.readings import identity_cache
from lossviz.readings.identity_cache import once


class Count:
    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return self.calls


def test_the_same_arrays_are_measured_once_for_each_question():
    a, b, make = np.zeros(3), np.zeros(3), Count()
    assert [once("x", (a, b), make), once("x", (a, b), make)] == [1, 1]
    assert once("y", (a, b), make) == 2
    assert once("x", (b, a), make) == 3
    assert once("x", (a,), make) == 4


def test_an_array_with_equal_content_is_another_one():
    make = Count()
    a = np.zeros(3)
    assert once("x", (a,), make) == 1
    assert once("x", (a.copy(),), make) == 2


def test_an_array_that_is_gone_leaves_nothing_to_one_in_its_place(monkeypatch):
    """Two arrays that never live together can have one id."""
    monkeypatch.setattr(identity_cache, "id", lambda array: 7, raising=False)
    make, first = Count(), np.zeros(3)
    assert once("x", (first,), make) == 1
    del first
    gc.collect()
    assert once("x", (np.zeros(3),), make) == 2

"""A cache by the identity of arrays: every look at a page asks for the same numbers again."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from lossviz.core.cache import Cache
from lossviz.readings.reading import Array

T = TypeVar("T")

_known: Cache[tuple[tuple[weakref.ref[Array], ...], Any]] = Cache(256)


def once(what: Hashable, arrays: tuple[Array, ...], make: Callable[[], T]) -> T:
    """The result of `make` for these very arrays, made once for each `what`.

    Arrays count by identity, never by content, so they must not be written to, as those of a Reading.
    Meant for numbers that are much smaller than the arrays: the last 256 of them are kept, while the
    arrays live.
    """
    key = (what, *map(id, arrays))
    found = _known.peek(key)
    # A new array can have the id of one that is gone.
    if found is not None and all(ref() is array for ref, array in zip(found[0], arrays, strict=True)):
        return found[1]
    made = make()
    _known.put(key, (tuple(weakref.ref(array) for array in arrays), made))
    return made

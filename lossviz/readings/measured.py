"""What was measured a moment ago: every look at a page asks for the same numbers again."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from numpy.typing import NDArray

Array = NDArray[Any]
T = TypeVar("T")
MOST = 256

_known: OrderedDict[tuple[Hashable, ...], tuple[tuple[weakref.ref[Array], ...], Any]] = OrderedDict()
_guard = threading.Lock()


def once(what: Hashable, arrays: tuple[Array, ...], make: Callable[[], T]) -> T:
    """What `make` gives of these very arrays, made once for each `what`.

    Arrays count by identity, never by content, so they must not be written to, as those of a Reading.
    Meant for numbers that are much smaller than the arrays: the last 256 of them are kept, while the
    arrays live.
    """
    key = (what, *map(id, arrays))
    with _guard:
        found = _known.get(key)
        # Another array may live where one lay that is gone.
        if found is not None and all(ref() is array for ref, array in zip(found[0], arrays, strict=True)):
            _known.move_to_end(key)
            return found[1]
    made = make()
    with _guard:
        _known[key] = (tuple(weakref.ref(array) for array in arrays), made)
        while len(_known) > MOST:
            _known.popitem(last=False)
    return made

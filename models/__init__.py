"""The networks that turn images into embeddings: one file a family, each exporting NETS.

NETS is a tuple of NetSpec. A new file in this folder, or a new entry in a NETS tuple, is found by
itself. `build(channels, size, dimension)` makes an EmbeddingNet with fresh weights from torch's
global generator. The adversary works on embeddings, not images: it exports NET and is not in the
catalogue. Nothing here trains.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from lossviz.core.errors import NetError
from lossviz.losses.spec import NetSpec

__all__ = ["catalogue", "get", "keys"]


@cache
def _found() -> dict[str, NetSpec]:
    nets: dict[str, NetSpec] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for spec in getattr(module, "NETS", ()):
            if spec.key in nets:
                raise NetError(f"networks: the key {spec.key!r} is given twice; give each network its own")
            nets[spec.key] = spec
    return dict(sorted(nets.items(), key=lambda item: (item[1].order, item[0])))


def catalogue() -> dict[str, NetSpec]:
    """All image networks by key, the quick ones first."""
    return dict(_found())


def keys() -> list[str]:
    """The keys of all image networks, in the order of the catalogue."""
    return list(_found())


def get(key: str) -> NetSpec:
    """The image network with this key; NetError names the nearest ones."""
    import difflib

    nets = _found()
    name = str(key).strip().lower().replace("_", "-")
    if name in nets:
        return nets[name]
    near = difflib.get_close_matches(name, nets, n=3)
    hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(nets)}."
    raise NetError(f"networks: no network is called {str(key)[:60]!r}; {hint}")

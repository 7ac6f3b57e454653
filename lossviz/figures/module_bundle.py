"""ES modules joined into one script, for hosts that take a single text.

Streamlit loads a component from one text, and a page opened from a file may not import at all. On disk
the modules import each other, so node and other pages load them as they are.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

# One statement a line or block; names are not changed on their way (no `as`), and every path is relative.
_IMPORT = re.compile(r'^import (?:\{[^}]*\} from )?"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class)\b)", re.MULTILINE)
_COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)
_SHARED_STYLE = Path(__file__).parent / "canvas" / "component.css"
_DECLARATION = re.compile(
    r"^(?:export )?(?:default )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE
)


def bundle(entry: Path) -> str:
    """The modules that `entry` needs and itself, in the order in which a browser evaluates them.

    Lines that are comments stay behind. The modules share one scope: ValueError where two declare the same
    name. The default export of the entry stays; an entry without one is a plain script, whose functions a
    page may call.
    """
    texts = modules(entry)
    names = Counter(name for text in texts.values() for name in _DECLARATION.findall(text))
    if twice := sorted(name for name, count in names.items() if count > 1):
        raise ValueError(f"{entry.name}: modules of one bundle must not share a name; got {', '.join(twice)}")
    return "\n".join(_bare(text) for text in texts.values())


def style(*files: Path) -> str:
    """The style sheets of a component, after the one that all of them share."""
    return "\n".join(each.read_text(encoding="utf-8") for each in (_SHARED_STYLE, *files))


def modules(entry: Path) -> dict[Path, str]:
    """The files that make up the bundle of `entry` and their texts, in its order."""
    texts: dict[Path, str] = {}
    _collect(entry.resolve(), texts, set())
    return texts


def _bare(text: str) -> str:
    for pattern in (_IMPORT, _EXPORT, _COMMENT):
        text = pattern.sub("", text)
    return text.strip("\n") + "\n"


def _collect(module: Path, texts: dict[Path, str], visited: set[Path]) -> None:
    """Add a module after those that it imports; in a circle, the first one reached comes last."""
    if module in visited:
        return
    visited.add(module)
    text = module.read_text(encoding="utf-8")
    for path in _IMPORT.findall(text):
        _collect((module.parent / path).resolve(), texts, visited)
    texts[module] = text

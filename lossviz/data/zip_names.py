"""The names in a .zip: archives made on other systems do not say in which encoding they are."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence

_UTF_8_FLAG = 0x800
_UNICODE_PATH = b"up"  # extra field 0x7075: the name once more, in UTF-8
# A wrong guess reads most bytes as letters too; what these are read as must be text of the language.
_GUESSES = (
    ("utf-8", "", ""),
    ("cp932", "Shift-JIS", "[\u3040-\u30ff\u3400-\u9fff\u3000-\u3002\uff01-\uff9f々〆ー・「」]"),
    ("gbk", "GBK", "[\u4e00-\u9fa5\u3000-\u3002\uff01-\uff5e·—…“”]"),
)
_KANA = re.compile("[\u3041-\u30fe]")


def decoded(infos: Sequence[zipfile.ZipInfo]) -> tuple[list[str], str]:
    """The names as their writer meant them, and a sentence where that had to be guessed.

    Python reads a name without the flag for UTF-8 as code page 437. All such names of an archive are
    tried as UTF-8, as Shift-JIS where there are kana among them, as GBK, and else left as they are.
    """
    names = [_unicode_path(info) or info.filename for info in infos]
    unsure = [
        i
        for i, info in enumerate(infos)
        if not info.flag_bits & _UTF_8_FLAG and names[i] == info.filename and not names[i].isascii()
    ]
    try:
        raw = [names[i].encode("cp437") for i in unsure]
    except UnicodeEncodeError:
        return names, ""
    for encoding, title, letters in _GUESSES if raw else ():
        try:
            read = [content.decode(encoding) for content in raw]
        except UnicodeDecodeError:
            continue
        foreign = [re.sub(f"[\x00-\x7f]|{letters}", "", name) for name in read] if letters else []
        if any(foreign) or (encoding == "cp932" and not any(map(_KANA.search, read))):
            continue
        for i, name in zip(unsure, read, strict=True):
            names[i] = name
        return names, f"the names in the .zip do not say their encoding; read as {title}" if title else ""
    return names, "the names in the .zip do not say their encoding; read as code page 437" if raw else ""


def _unicode_path(info: zipfile.ZipInfo) -> str:
    """The name of the extra field, or nothing."""
    rest = info.extra
    while len(rest) >= 4:
        length = int.from_bytes(rest[2:4], "little")
        if rest[:2] == _UNICODE_PATH and length > 5 and rest[4] == 1:
            try:
                return rest[9 : 4 + length].decode("utf-8")
            except UnicodeDecodeError:
                return ""
        rest = rest[4 + length :]
    return ""

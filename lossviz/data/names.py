"""Names that came from elsewhere (files, folders, archives, arrays), as text that can be shown anywhere."""

from __future__ import annotations

import re
import unicodedata

from lossviz.core.errors import DataError

LONGEST_NAME = 200
# Embeddings, overrides and isolates: what follows them is shown in another order than it has.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


def _is_text(char: str) -> bool:
    """True for a character of a text file: no control character, surrogate or noncharacter."""
    code = ord(char)
    if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") or _BIDI.match(char):
        return False
    return code & 0xFFFE != 0xFFFE and not 0xFDD0 <= code <= 0xFDEF


def printable(text: str, most: int = 0) -> str:
    r"""The text with \x escapes for bytes that are no text and for control characters; cut after `most`."""
    shown = "".join(char if _is_text(char) else _escape(char) for char in text)
    return shown if not most or len(shown) <= most else f"{shown[:most]}…"


def _escape(char: str) -> str:
    # Bytes of a file name that are no UTF-8 come as these surrogates.
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")


def class_name(text: str, what: str) -> str:
    r"""The name of a class: composed (NFC), without space around it, bytes that are no UTF-8 as "\xe9".

    DataError where it is empty, longer than LONGEST_NAME, or holds what cannot be shown.
    """
    text = "".join(_escape(char) if "\udc80" <= char <= "\udcff" else char for char in text)
    name = unicodedata.normalize("NFC", text).strip()
    bad = next((char for char in name if not _is_text(char)), "")
    rule = f"{what}: the name of a class must be text of 1 to {LONGEST_NAME} characters that can be shown"
    if bad:
        known = unicodedata.name(bad, "a control character")
        raise DataError(
            f"{rule}; got '{printable(name, 60)}', which holds U+{ord(bad):04X} ({known}). Rename it."
        )
    if not any(unicodedata.category(char)[0] in "LNPS" or char >= "\ue000" for char in name):
        raise DataError(f"{rule}; got '{printable(text, 60)}', in which nothing can be seen. Rename it.")
    if len(name) > LONGEST_NAME:
        raise DataError(f"{rule}; got {len(name):,}: '{printable(name, 60)}'. Rename it.")
    return name

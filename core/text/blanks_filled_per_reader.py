"""Blanks in a page or a mail that is drawn once for everybody, and filled in for each reader."""

import re
from collections.abc import Mapping, Sequence

OPEN, CLOSE = "\ue002", "\ue003"  # private use: no page holds them, and escaping leaves them as they are
BLANK = re.compile(f"{OPEN}(\\w+){CLOSE}")


def blank_marker(name: str) -> str:
    """Return the blank of that name, to be drawn in place of a reader's words."""
    return f"{OPEN}{name}{CLOSE}"


def split_at_blank_markers(drawn: str) -> Sequence[str]:
    """Split what was drawn at its blanks. Every second part is the name of one."""
    return BLANK.split(drawn)


def fill_blanks(parts: Sequence[str], words: Mapping[str, str]) -> str:
    """Put the parts together with the reader's words, by the names of their blanks; where HTML needs it they are escaped."""
    filled = [*parts]
    filled[1::2] = [words[name] for name in parts[1::2]]
    return "".join(filled)

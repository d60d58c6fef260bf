"""Prepares sentences for mails: on one line, or wrapped."""

import textwrap
import unicodedata
from functools import lru_cache

from core.text.text import Language
from core.text.translation import with_no_break_spaces

COLUMNS = 72
NO_BREAK_SPACES = str.maketrans("\u00a0\u202f", "  ")


def without_line_breaks_or_controls(sentence: str) -> str:
    """Remove line breaks, control characters and marks that change the direction of reading.

    A name on the roll can then neither begin a header, nor a paragraph of its own, nor read as something else.
    """
    plain = sentence if sentence.isprintable() else "".join(map(_plain, sentence))
    return plain.strip()


def _plain(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cf" | "Cs":
            return ""
        case _:
            return character


@lru_cache(maxsize=1024)  # many readers are told the same moment
def wrap_lines(sentence: str, language: Language) -> str:
    """Wrap to 72 columns; no line begins with « : » or « ! », and long words stay whole."""
    lines = textwrap.wrap(
        with_no_break_spaces(sentence, language), COLUMNS, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines).translate(NO_BREAK_SPACES)

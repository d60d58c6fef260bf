"""Sentences as a mail can carry them: on one line, or in lines short enough for any reader."""

import textwrap
import unicodedata
from functools import lru_cache

from core.i18n import typeset
from core.text import Language

COLUMNS = 72
NO_BREAK_SPACES = str.maketrans("\u00a0\u202f", "  ")


def one_line(sentence: str) -> str:
    """Without line breaks, control characters and marks that turn the direction of reading.

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


@lru_cache(maxsize=1024)  # most sentences of a mail are everybody's
def wrapped(sentence: str, language: Language) -> str:
    """In lines of at most 72 columns, none of which begins with « : » or « ! »; long words stay whole."""
    lines = textwrap.wrap(typeset(sentence, language), COLUMNS, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).translate(NO_BREAK_SPACES)

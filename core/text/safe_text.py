"""Makes text from outside safe to show in a terminal, a log, a table or an email."""

import unicodedata

REPLACEMENT = "�"


def safe_text(text: str) -> str:
    """Return the text on one line, without characters that control a terminal or reorder text.

    Line breaks and tabs become spaces. Control, bidirectional, invisible and unassigned characters become the
    replacement character.
    """
    return text if text.isprintable() else "".join(map(_safe_character, text))


def _safe_character(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":  # such as a no-break space
        return character
    return " " if character.isspace() else REPLACEMENT

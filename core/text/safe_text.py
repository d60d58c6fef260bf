"""Makes untrusted text safe to show in terminals, logs and emails."""

import unicodedata

REPLACEMENT = "�"


def safe_text(text: str) -> str:
    """Return the text on one line, without control or invisible characters."""
    return text if text.isprintable() else "".join(map(_safe_character, text))


def _safe_character(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":  # such as a no-break space
        return character
    return " " if character.isspace() else REPLACEMENT

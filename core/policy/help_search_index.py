"""The search index of the help: the guides write it, and the site reads it where a browser runs no script.

The index is a script itself, because a page opened as a file may not fetch one.
"""

import msgspec

from core.text.text import Language

SHORT = {"title": "t", "address": "u", "sought": "k", "seen": "s", "body": "b"}
"""The short names of the fields in the script."""


class SearchableHelpPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename=SHORT):
    """A place to find; `address` is from the site's root. `sought` weighs most, `body` least."""

    title: str
    address: str
    sought: str = ""
    seen: str = ""
    """The buttons and the symptoms at that place."""
    body: str = ""


class HelpSearchIndex(msgspec.Struct, frozen=True):
    """The whole index, with the ignored words and the synonyms."""

    places: tuple[SearchableHelpPlace, ...]
    empty: str
    same: tuple[str, ...]


def index_file_name(language: Language) -> str:
    """Return the index's file name, at the site's root."""
    return f"search-{language.value}.js"


def write_index_script(index: HelpSearchIndex) -> str:
    """Return the index as a script that passes it to the script that loaded it."""
    return f"window.helpIndex = {msgspec.json.encode(index).decode()};\n"


def read_index_script(script: str) -> HelpSearchIndex:
    """Return the index that a script holds."""
    return msgspec.json.decode(script[script.index("{") : script.rindex("}") + 1], type=HelpSearchIndex)

"""Says the core's sentences in the language of the terminal: French unless the environment asks for English."""

import os
from collections.abc import Mapping

from core.i18n import say
from core.text import Language, Text


def terminal_language(environment: Mapping[str, str]) -> Language:
    """`RETROUVE_LANGUAGE` decides where it is set, otherwise `LANG`."""
    wanted = environment.get("RETROUVE_LANGUAGE") or environment.get("LANG", "")
    return Language.ENGLISH if wanted.lower().startswith(Language.ENGLISH) else Language.FRENCH


def tell(text: Text) -> str:
    """A sentence as the person at this terminal reads it."""
    return say(text, terminal_language(os.environ))

"""The terminal's language, and the library click in it: French unless the environment asks for another."""

import os
from collections.abc import Mapping

import click.core
import click.decorators
import click.exceptions
import click.formatting
import click.parser
import click.termui
import click.types

from core.text.faces.click_translations import CLICK_IN_FRENCH
from core.text.text import Language

SPEAKING = (click.core, click.decorators, click.exceptions, click.formatting, click.parser, click.termui, click.types)
"""The modules of click that look their sentences up, each under the names `_` and `ngettext`."""


def terminal_language(environment: Mapping[str, str]) -> Language:
    """Return the language that `RETROUVE_LANGUAGE` or else `LANG` asks for."""
    wanted = environment.get("RETROUVE_LANGUAGE") or environment.get("LANG", "")
    return next((each for each in Language if wanted.lower().startswith(each)), Language.FRENCH)


def translate_click() -> None:
    """Let click speak the terminal's language too. It asks gettext for files, which nobody has for it."""
    if terminal_language(os.environ) is not Language.FRENCH:
        return
    for module in SPEAKING:
        for name, function in (("_", _sentence), ("ngettext", _counted)):
            if name in vars(module):
                setattr(module, name, function)


def _sentence(english: str) -> str:
    return CLICK_IN_FRENCH.get(english, english)


def _counted(one: str, several: str, count: int) -> str:
    return _sentence(several if count > 1 else one)

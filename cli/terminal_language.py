"""Chooses the language of the command line."""

import os
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import click.core
import click.decorators
import click.exceptions
import click.formatting
import click.parser
import click.termui
import click.types

from core.text.faces.click_translations import CLICK_IN_FRENCH, VALUES_IN_FRENCH
from core.text.text import Language

TRANSLATED_MODULES = (
    click.core,
    click.decorators,
    click.exceptions,
    click.formatting,
    click.parser,
    click.termui,
    click.types,
)


def terminal_language(environment: Mapping[str, str]) -> Language:
    """Return the language that `RETROUVE_LANGUAGE` or `LANG` specifies. The default is French."""
    wanted = environment.get("RETROUVE_LANGUAGE") or environment.get("LANG", "")
    return next((each for each in Language if wanted.lower().startswith(each)), Language.FRENCH)


def translate_click() -> None:
    if terminal_language(os.environ) is not Language.FRENCH:
        return
    for module in TRANSLATED_MODULES:
        for name, function in (("_", _sentence), ("ngettext", _counted)):
            if name in vars(module):
                setattr(module, name, function)
    for kind in (click.core.Parameter, click.core.Argument):
        kind.make_metavar = _in_french(kind.make_metavar)  # type: ignore[method-assign]  # click has no hook for it
    pieces = click.core.Group.collect_usage_pieces
    click.core.Group.collect_usage_pieces = lambda *of: list(map(_value, pieces(*of)))  # type: ignore[method-assign]


def _in_french(make_metavar: Callable[..., str]) -> Callable[..., str]:
    @wraps(make_metavar)
    def in_french(*of: Any, **named: Any) -> str:  # noqa: ANN401  # click's signature
        return _value(make_metavar(*of, **named))

    return in_french


def _value(english: str) -> str:
    return VALUES_IN_FRENCH.get(english, english)


def _sentence(english: str) -> str:
    return CLICK_IN_FRENCH.get(english, english)


def _counted(one: str, several: str, count: int) -> str:
    return _sentence(several if count > 1 else one)

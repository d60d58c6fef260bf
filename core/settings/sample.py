"""The commented election.toml that `retrouve init` copies: also where examples and names of settings come from.

A setting left at its default is written `# name = value`; one without a default, `# Exemple : name = value`.
"""

import re
import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from core.settings.lines import Lines, Place

COMMENTED = re.compile(r"^# (?:Exemple : )?(?=[a-z_]+ = |\[+[a-z_.]+\]+$)", re.MULTILINE)
DEFAULTS = re.compile(r"^# (?=[a-z_]+ = )", re.MULTILINE)


@cache
def sample() -> str:
    """The file as it is copied."""
    return (files("core") / "election.toml").read_text("utf-8")


@cache
def everything() -> str:
    """The same with every setting written out."""
    return COMMENTED.sub("", sample())


def with_defaults() -> str:
    """The same with only the defaults written out."""
    return DEFAULTS.sub("", sample())


def example(place: Place) -> str | None:
    """The sample's own line for that setting, if it has one."""
    line = Lines(everything()).exactly(_first_of_each(place))
    return None if line is None else everything().split("\n")[line - 1].strip()


def is_section(place: Place) -> bool:
    """Whether the sample has settings under that name."""
    return isinstance(_at(place), dict)


def names() -> tuple[str, ...]:
    """Every name of the first level: settings and sections."""
    return tuple(tomllib.loads(everything()))


def nearest(place: Place) -> str | None:
    """The name, among those of the same section, that was probably meant."""
    known = _at(place[:-1])
    names = known if isinstance(known, dict) else {}
    return next(iter(get_close_matches(str(place[-1]), names, n=1)), None)


def _at(place: Place) -> object:
    found: object = tomllib.loads(everything())
    for part in _first_of_each(place):
        try:
            found = found[part]  # type: ignore[index]  # what is not a table or a list is told by the exception
        except (LookupError, TypeError):
            return None
    return found


def _first_of_each(place: Place) -> Place:
    return tuple(0 if isinstance(part, int) else part for part in place)

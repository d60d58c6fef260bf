"""The commented election.toml that `retrouve init` copies, and the examples and names of settings read from it.

A setting left at its default is written `# name = value`; one without a default, `# Exemple : name = value`.
"""

import re
import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from core.app.settings.toml_line_numbers import Place, TomlLineNumbers

COMMENTED = re.compile(r"^# (?:Exemple : )?(?=[a-z_]+ = |\[+[a-z_.]+\]+$)", re.MULTILINE)


@cache
def sample() -> str:
    """Return the commented file as it is copied."""
    return (files("core") / "election.toml").read_text("utf-8")


@cache
def uncommented_sample() -> str:
    """Return the file with every setting uncommented."""
    return COMMENTED.sub("", sample())


def example_line(setting_path: Place) -> str | None:
    """Return the line of the sample that sets this setting, if there is one."""
    line = TomlLineNumbers(uncommented_sample()).line_of(_first_of_each(setting_path))
    return None if line is None else uncommented_sample().split("\n")[line - 1].strip()


def is_section(setting_path: Place) -> bool:
    """Tell whether the sample has a section of that name."""
    return isinstance(_at(setting_path), dict)


def setting_names() -> tuple[str, ...]:
    """Return the names of all settings and sections of the first level."""
    return tuple(tomllib.loads(uncommented_sample()))


def nearest_setting_name(setting_path: Place) -> str | None:
    """Return the name in the same section that was probably meant."""
    known = _at(setting_path[:-1])
    names = known if isinstance(known, dict) else {}
    return next(iter(get_close_matches(str(setting_path[-1]), names, n=1)), None)


def _at(place: Place) -> object:
    found: object = tomllib.loads(uncommented_sample())
    for part in _first_of_each(place):
        try:
            found = found[part]  # type: ignore[index]  # what is not a table or a list is told by the exception
        except (LookupError, TypeError):
            return None
    return found


def _first_of_each(place: Place) -> Place:
    return tuple(0 if isinstance(part, int) else part for part in place)

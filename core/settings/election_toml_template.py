"""The commented election.toml that `retrouve init` copies, with its examples and names of settings, and the lines of a TOML file.

In that file a setting left at its default is written `# name = value`; one without a default, `# Exemple : name = value`.
"""

import re
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

Place = tuple[str | int, ...]
"""The address of a setting, such as ("mail", "relays", 0, "host")."""

NAME = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
DOTTED = rf"{NAME}(?:\s*\.\s*{NAME})*"
ARRAY_HEADER = re.compile(rf"\s*\[\[\s*({DOTTED})\s*\]\]")
HEADER = re.compile(rf"\s*\[\s*({DOTTED})\s*\]")
SETTING = re.compile(rf"\s*({DOTTED})\s*=")
LONG_STRING = re.compile(r'"""|' + r"'''")


class TomlLineNumbers:
    """The line numbers of every key and every header of a TOML text, which tomllib does not report."""

    def __init__(self, toml: str) -> None:
        self._first: dict[Place, int] = {}
        for place, line in _written(toml):
            self._first.setdefault(place, line)

    def exact_line(self, setting_path: Place) -> int | None:
        """Return the line of exactly this setting, counted from 1."""
        return self._first.get(setting_path)

    def nearest_line(self, setting_path: Place) -> int | None:
        """Return the line of this setting, or else of its list or section."""
        lines = (self._first.get(setting_path[:end]) for end in range(len(setting_path), 0, -1))
        return next(filter(None, lines), None)


def setting_name(setting_path: Place) -> str:
    """Return the setting as an operator names it, such as "mail.relays[1].host", counted from 1."""
    words = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in setting_path]
    return "".join(words).removeprefix(".")


def _written(toml: str) -> Iterator[tuple[Place, int]]:
    section: Place = ()
    counts: dict[Place, int] = {}
    for number, line in _outside_long_strings(toml):
        if found := ARRAY_HEADER.match(line):
            name = _dotted_names(found[1])
            counts[name] = counts.get(name, -1) + 1
            section = (*name, counts[name])
            yield from ((name, number), (section, number))
        elif found := HEADER.match(line):
            section = _dotted_names(found[1])
            yield section, number
        elif found := SETTING.match(line):
            yield (*section, *_dotted_names(found[1])), number


def _outside_long_strings(toml: str) -> Iterator[tuple[int, str]]:
    inside = False
    for number, line in enumerate(toml.split("\n"), start=1):
        if not inside:
            yield number, line
        inside ^= len(LONG_STRING.findall(line)) % 2 == 1


def _dotted_names(dotted: str) -> Place:
    return tuple(name.strip("\"'") for name in re.findall(NAME, dotted))


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
    """Return the line of the sample that sets this setting, or the list of which it is an item, if there is one."""
    place = setting_path[:-1] if isinstance(setting_path[-1], int) else setting_path
    line = TomlLineNumbers(uncommented_sample()).exact_line(_first_of_each(place))
    return None if line is None else uncommented_sample().split("\n")[line - 1].strip()


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

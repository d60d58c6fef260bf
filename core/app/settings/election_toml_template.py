"""The commented election.toml that `retrouve init` copies, with its examples and names of settings, and the lines of a TOML file.

In that file a setting left at its default is written `# name = value`; one without a default, `# Exemple : name = value`.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

Place = tuple[str | int, ...]
"""The address of a setting, such as ("mail", "relays", 0, "host")."""

LONG_STRING = re.compile(r'"""[\s\S]*?"""|' + r"'''[\s\S]*?'''")
WRITTEN = re.compile(r"\s*(?:\[\[\s*(?P<item>[\w.-]+)\s*\]\]|\[\s*(?P<section>[\w.-]+)\s*\]|(?P<name>[\w.-]+)\s*=)")


def lines_by_place(toml: str) -> Mapping[Place, int]:
    """Return the line of each section and setting, which tomllib does not report. Names in quotes are not found."""
    lines, counts = dict[Place, int](), Counter[Place]()
    section: Place = ()
    without_long_strings = LONG_STRING.sub(lambda found: "\n" * found[0].count("\n"), toml)
    for number, line in enumerate(without_long_strings.split("\n"), start=1):
        found = WRITTEN.match(line)
        if found is None:
            continue
        names: Place = tuple((found["item"] or found["section"] or found["name"]).split("."))
        if found["name"]:
            lines.setdefault((*section, *names), number)
            continue
        section = names
        lines.setdefault(section, number)
        if found["item"]:
            section = (*names, counts[names])
            lines.setdefault(section, number)
            counts[names] += 1
    return lines


def nearest_line(lines: Mapping[Place, int], setting_path: Place) -> int | None:
    """Return the line of this setting, or else of its list or section."""
    return next(
        (lines[setting_path[:end]] for end in range(len(setting_path), 0, -1) if setting_path[:end] in lines), None
    )


def setting_name(setting_path: Place) -> str:
    """Return the setting as an operator names it, such as "mail.relays[1].host", counted from 1."""
    words = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in setting_path]
    return "".join(words).removeprefix(".")


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
    line = lines_by_place(uncommented_sample()).get(_first_of_each(place))
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

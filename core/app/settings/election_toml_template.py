"""Reads the template of election.toml, and finds the lines of settings."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from core.text.text import Language

Place = tuple[str | int, ...]
"""Path of a setting, such as ("mail", "relays", 0, "host")."""

LONG_STRING = re.compile(r'"""[\s\S]*?"""|' + r"'''[\s\S]*?'''")
WRITTEN = re.compile(r"\s*(?:\[\[\s*(?P<item>[\w.-]+)\s*\]\]|\[\s*(?P<section>[\w.-]+)\s*\]|(?P<name>[\w.-]+)\s*=)")


def lines_by_place(toml: str) -> Mapping[Place, int]:
    """Return the line number of each section and setting in election.toml."""
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
        section = _in_last_item(names, counts)
        lines.setdefault(section, number)
        if found["item"]:
            section = (*names, counts[names])
            lines.setdefault(section, number)
            counts[names] += 1
    return lines


def _in_last_item(names: Place, counts: Counter[Place]) -> Place:
    lists = [end for end in range(1, len(names)) if counts[names[:end]]]
    return (*names[: lists[-1]], counts[names[: lists[-1]]] - 1, *names[lists[-1] :]) if lists else names


def nearest_line(lines: Mapping[Place, int], setting_path: Place) -> int | None:
    """Return the line number of a setting. If the setting is absent, return the line of its list or section."""
    return next(
        (lines[setting_path[:end]] for end in range(len(setting_path), 0, -1) if setting_path[:end] in lines), None
    )


def setting_name(setting_path: Place) -> str:
    """Return a setting's name for operators, such as "mail.relays[1].host". List items are numbered from 1."""
    words = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in setting_path]
    return "".join(words).removeprefix(".")


TEMPLATES = {Language.FRENCH: "election.toml", Language.ENGLISH: "election.en.toml"}
COMMENTED = re.compile(r"^# (?:Exemple : |Example: )?(?=[a-z_]+ = |\[+[a-z_.]+\]+$)", re.MULTILINE)


@cache
def sample(language: Language = Language.FRENCH) -> str:
    return (files("core") / TEMPLATES[language]).read_text("utf-8")


@cache
def uncommented_sample(language: Language = Language.FRENCH) -> str:
    return COMMENTED.sub("", sample(language))


def example_line(setting_path: Place) -> str | None:
    place = setting_path[:-1] if isinstance(setting_path[-1], int) else setting_path
    line = lines_by_place(uncommented_sample()).get(_first_of_each(place))
    return None if line is None else uncommented_sample().split("\n")[line - 1].strip()


def setting_names() -> tuple[str, ...]:
    return tuple(tomllib.loads(uncommented_sample()))


def nearest_setting_name(setting_path: Place) -> str | None:
    """Return the most similar setting name in the same section, or None."""
    known = _at(setting_path[:-1])
    names = known if isinstance(known, dict) else {}
    return next(iter(get_close_matches(str(setting_path[-1]), names, n=1)), None)


def _at(place: Place) -> object:
    found: object = tomllib.loads(uncommented_sample())
    for part in _first_of_each(place):
        try:
            found = found[part]  # type: ignore[index]  # other types raise TypeError
        except (LookupError, TypeError):
            return None
    return found


def _first_of_each(place: Place) -> Place:
    return tuple(0 if isinstance(part, int) else part for part in place)

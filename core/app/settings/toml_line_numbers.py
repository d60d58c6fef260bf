"""Find the line of election.toml where a setting is written, which tomllib does not report."""

import re
from collections.abc import Iterator

Place = tuple[str | int, ...]
"""The address of a setting, such as ("mail", "relays", 0, "host")."""

NAME = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
DOTTED = rf"{NAME}(?:\s*\.\s*{NAME})*"
ARRAY_HEADER = re.compile(rf"\s*\[\[\s*({DOTTED})\s*\]\]")
HEADER = re.compile(rf"\s*\[\s*({DOTTED})\s*\]")
SETTING = re.compile(rf"\s*({DOTTED})\s*=")
LONG_STRING = re.compile(r'"""|' + r"'''")


class TomlLineNumbers:
    """The line numbers of every key and every header of a TOML text."""

    def __init__(self, toml: str) -> None:
        self._first: dict[Place, int] = {}
        for place, line in _written(toml):
            self._first.setdefault(place, line)

    def line_of(self, setting_path: Place) -> int | None:
        """Return the line of exactly this setting, counted from 1."""
        return self._first.get(setting_path)

    def setting_at(self, line: int) -> Place | None:
        """Return the setting that is written at that line."""
        return next((place for place, number in self._first.items() if number == line), None)

    def nearest_line(self, setting_path: Place) -> int | None:
        """Return the line of this setting, or else of its list or section."""
        return next(
            (
                self._first[setting_path[:end]]
                for end in range(len(setting_path), 0, -1)
                if setting_path[:end] in self._first
            ),
            None,
        )


def setting_name(setting_path: Place) -> str:
    """Return the setting as an operator names it, such as "mail.relays[1].host", counted from 1."""
    words = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in setting_path]
    return "".join(words).removeprefix(".")


def _written(toml: str) -> Iterator[tuple[Place, int]]:
    section: Place = ()
    counts: dict[Place, int] = {}
    for number, line in _outside_long_strings(toml):
        if found := ARRAY_HEADER.match(line):
            name = _names(found[1])
            counts[name] = counts.get(name, -1) + 1
            section = (*name, counts[name])
            yield from ((name, number), (section, number))
        elif found := HEADER.match(line):
            section = _names(found[1])
            yield section, number
        elif found := SETTING.match(line):
            yield (*section, *_names(found[1])), number


def _outside_long_strings(toml: str) -> Iterator[tuple[int, str]]:
    inside = False
    for number, line in enumerate(toml.split("\n"), start=1):
        if not inside:
            yield number, line
        inside ^= len(LONG_STRING.findall(line)) % 2 == 1


def _names(dotted: str) -> Place:
    return tuple(name.strip("\"'") for name in re.findall(NAME, dotted))

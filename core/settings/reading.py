"""Reads election.toml and the variables RETROUVE_*; what cannot be read at all is a fault."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsError

from core.settings import sample, words
from core.settings.faults import HIDDEN, NESTED, PREFIX, Fault, SettingsRefused, variable_of
from core.settings.lines import Lines, spoken

FILE = "election.toml"
POSITION = re.compile(r"at line (?P<line>\d+)")
TWICE = re.compile(r"overwrite|declare|redefine|twice|duplicate|mutate|extend", re.IGNORECASE)
PASSWORD_IN_URL = re.compile(r"^[^/]*://[^/@]*:[^/]*@|[?&]password=", re.IGNORECASE)
URLS = {"database_url": words.DATABASE_PASSWORD, "throttle_url": words.VALKEY_PASSWORD}
"""Settings that may hold a password, and where it goes instead."""
CORRESPONDENTS = (("mail", "relays"), ("sms", "gateways"))
"""Lists of those whom we know a password of."""
OWN_SECRETS = {("sms", "inbound_secret"): words.SECRET_FILE, ("platform", "key"): words.PLATFORM_KEY_FILE}
RESEMBLING = 0.8
JSON_EXAMPLE = '{"port": 8000}'
Tree = dict[str, object]


def read_file(folder: Path) -> tuple[Tree, Lines]:
    """The file's settings, and where each is written. Raises SettingsRefused."""
    try:
        # A byte-order mark is what some editors put there; nobody sees it.
        written = (folder / FILE).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError:
        raise SettingsRefused([Fault(None, FILE, "", words.NO_FILE, words.RUN_INIT)]) from None
    except UnicodeDecodeError:
        raise SettingsRefused([Fault(None, FILE, "", words.NOT_UTF8, words.UTF8)]) from None
    tree, lines = _parse(written), Lines(written)
    if secrets := list(_secrets(tree, lines)):
        raise SettingsRefused(secrets)
    return tree, lines


def _parse(written: str) -> Tree:
    try:
        return tomllib.loads(written)
    except (ValueError, RecursionError) as error:
        found = POSITION.search(str(error))
        line = int(found["line"]) if found else written.count("\n") + 1
        twice = TWICE.search(str(error)) is not None
        reason, allowed = (words.WRITTEN_TWICE, words.ONCE) if twice else (words.NOT_TOML, words.TOML_LINE)
        raise SettingsRefused([Fault(line, FILE, "", reason, allowed)]) from None


def _secrets(tree: Tree, lines: Lines) -> Iterator[Fault]:
    for section, name in CORRESPONDENTS:
        for index, each in enumerate(_tables(tree, section, name)):
            if isinstance(each, dict) and "password" in each:
                place = (section, name, index, "password")
                yield Fault(lines.nearest(place), spoken(place), HIDDEN, words.SECRET_IN_THE_FILE, words.PASSWORD_FILE)
    for (section, name), allowed in OWN_SECRETS.items():
        there = tree.get(section)
        if isinstance(there, dict) and name in there:
            secret = (section, name)
            yield Fault(lines.nearest(secret), spoken(secret), HIDDEN, words.SECRET_IN_THE_FILE, allowed)
    for name, allowed in URLS.items():
        if PASSWORD_IN_URL.search(str(tree.get(name, ""))):
            yield Fault(lines.nearest((name,)), name, HIDDEN, words.SECRET_IN_THE_FILE, allowed)


def _tables(tree: Tree, section: str, name: str) -> Sequence[object]:
    there = tree.get(section)
    found = there.get(name) if isinstance(there, dict) else None
    return found if isinstance(found, list) else []


def read_variables(shape: type[BaseSettings], environ: Mapping[str, str]) -> tuple[Tree, dict[str, str]]:
    """The settings given by variables, and those variables. Raises SettingsRefused.

    One variable at a time: pydantic does not tell which of them it cannot read.
    """
    ours = {name: value for name, value in environ.items() if name.startswith(PREFIX) and value}
    source = EnvSettingsSource(shape)
    tree: Tree = {}
    faults = list(_misspelt(ours))
    for name, value in sorted(ours.items(), key=lambda each: each[0].count(NESTED)):
        source.env_vars = {name.removeprefix(PREFIX).lower(): value}
        try:
            tree = laid_over(tree, source())
        except (SettingsError, RecursionError):
            faults.append(Fault(None, name, HIDDEN, words.NOT_JSON, words.JSON.fill({"example": JSON_EXAMPLE})))
    if faults:
        raise SettingsRefused(faults)
    return tree, ours


def _misspelt(variables: Mapping[str, str]) -> Iterator[Fault]:
    """A slip of the pen would leave a default in force. What resembles no setting is another program's business."""
    known = sample.names()
    for variable in variables:
        name = variable.removeprefix(PREFIX).lower().partition(NESTED)[0]
        near = get_close_matches(name, known, n=1, cutoff=RESEMBLING)
        if near and name not in known:
            allowed = words.PERHAPS.fill({"nearest": variable_of((near[0],))})
            yield Fault(None, variable, "", words.UNKNOWN_VARIABLE, allowed)


def laid_over(below: Mapping[str, object], above: Mapping[str, object]) -> Tree:
    """Both trees in one; where both write a setting, `above` counts."""
    merged = dict(below)
    for name, value in above.items():
        under = merged.get(name)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        merged[name] = laid_over(under, value) if both else value  # type: ignore[arg-type]  # `both` says so
    return merged

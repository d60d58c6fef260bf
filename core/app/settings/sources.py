"""Read election.toml and the variables RETROUVE_*; what cannot be read at all is a fault."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel
from pydantic_settings import EnvSettingsSource, SettingsError

from core.app import SETTINGS_FILE
from core.app.settings import election_toml_template
from core.app.settings import refused_setting_sentences as words
from core.app.settings.election_toml_template import Place, TomlLineNumbers, setting_name
from core.app.settings.setting_faults import (
    HIDDEN,
    NESTED,
    PREFIX,
    SettingFault,
    SettingsRefused,
    environment_variable_of,
)
from core.text.text import Text

POSITION = re.compile(r"at line (?P<line>\d+)")
TWICE = re.compile(r"overwrite|declare|redefine|twice|duplicate|mutate|extend", re.IGNORECASE)
PASSWORD_IN_URL = re.compile(r"^[^/]*://[^/@]*:[^/]*@|[?&]password=", re.IGNORECASE)
URLS = {"database_url": words.DATABASE_PASSWORD, "throttle_url": words.VALKEY_PASSWORD}
"""Settings that may hold a password, and where the password belongs instead."""
CORRESPONDENTS = (("mail", "relays"), ("sms", "gateways"))
"""Lists of servers that have a password each."""
OWN_SECRETS = {("sms", "inbound_secret"): words.SECRET_FILE, ("platform", "key"): words.PLATFORM_KEY_FILE}
RESEMBLING = 0.8
JSON_EXAMPLE = '{"port": 8000}'
Tree = dict[str, object]


def read_file(folder: Path) -> tuple[Tree, TomlLineNumbers]:
    """Return the settings of the file and the line of each. Raises SettingsRefused."""
    try:
        # A byte-order mark is what some editors put there; nobody sees it.
        written = (folder / SETTINGS_FILE).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError:
        raise SettingsRefused(
            [SettingFault(None, str(folder / SETTINGS_FILE), "", words.NO_FILE, words.RUN_INIT)]
        ) from None
    except UnicodeDecodeError:
        raise SettingsRefused([SettingFault(None, SETTINGS_FILE, "", words.NOT_UTF8, words.UTF8)]) from None
    tree, lines = _parse(written), TomlLineNumbers(written)
    faults = [
        SettingFault(lines.nearest_line(place), setting_name(place), HIDDEN, words.SECRET_IN_THE_FILE, allowed)
        for place, allowed in _written_secrets(tree)
    ]
    if faults:
        raise SettingsRefused(faults)
    return tree, lines


def _parse(written: str) -> Tree:
    try:
        return tomllib.loads(written)
    except (ValueError, RecursionError) as error:
        found = POSITION.search(str(error))
        line = int(found["line"]) if found else written.count("\n") + 1
        if TWICE.search(str(error)) is not None:
            raise SettingsRefused([SettingFault(line, SETTINGS_FILE, "", words.WRITTEN_TWICE, words.ONCE)]) from None
        setting = TomlLineNumbers(written).setting_at(line)
        example = None if setting is None else election_toml_template.example_line(setting)
        allowed = words.TOML_LINE if example is None else words.FOR_EXAMPLE.fill({"example": example})
        place = SETTINGS_FILE if setting is None or example is None else setting_name(setting)
        raise SettingsRefused([SettingFault(line, place, "", words.NOT_TOML, allowed)]) from None


def _written_secrets(tree: Tree) -> Iterator[tuple[Place, Text]]:
    for section, name in CORRESPONDENTS:
        listed = _in_section(tree, section, name)
        for index, each in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(each, dict) and "password" in each:
                yield (section, name, index, "password"), words.PASSWORD_FILE
    for (section, name), allowed in OWN_SECRETS.items():
        if _in_section(tree, section, name) is not None:
            yield (section, name), allowed
    for name, allowed in URLS.items():
        if PASSWORD_IN_URL.search(str(tree.get(name, ""))):
            yield (name,), allowed


def _in_section(tree: Tree, section: str, name: str) -> object:
    there = tree.get(section)
    return there.get(name) if isinstance(there, dict) else None


def read_variables(shape: type[BaseModel], environ: Mapping[str, str]) -> tuple[Tree, dict[str, str]]:
    """Return the settings given by variables, and those variables. Raises SettingsRefused.

    Reads one variable at a time, because pydantic does not say which of them it cannot read.
    """
    ours = {name: value for name, value in environ.items() if name.startswith(PREFIX) and value}
    source = EnvSettingsSource(shape, env_nested_delimiter=NESTED)  # type: ignore[arg-type]  # it reads the fields alone
    tree: Tree = {}
    faults = list(_misspelt(ours))
    for name, value in sorted(ours.items(), key=lambda each: each[0].count(NESTED)):
        source.env_vars = {name.removeprefix(PREFIX).lower(): value}
        try:
            tree = merge_settings(tree, source())
        except (SettingsError, RecursionError):
            faults.append(SettingFault(None, name, HIDDEN, words.NOT_JSON, words.JSON.fill({"example": JSON_EXAMPLE})))
    if faults:
        raise SettingsRefused(faults)
    return tree, ours


def _misspelt(variables: Mapping[str, str]) -> Iterator[SettingFault]:
    """Yield a fault for each variable whose name resembles a setting; other names are another program's."""
    known = election_toml_template.setting_names()
    for variable in variables:
        name = variable.removeprefix(PREFIX).lower().partition(NESTED)[0]
        near = get_close_matches(name, known, n=1, cutoff=RESEMBLING)
        if near and name not in known:
            allowed = words.PERHAPS.fill({"nearest": environment_variable_of((near[0],))})
            yield SettingFault(None, variable, "", words.UNKNOWN_VARIABLE, allowed)


def merge_settings(below: Mapping[str, object], above: Mapping[str, object]) -> Tree:
    """Merge two trees; where both write a setting, `above` counts."""
    merged = dict(below)
    for name, value in above.items():
        under = merged.get(name)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        merged[name] = merge_settings(under, value) if both else value  # type: ignore[arg-type]  # `both` says so
    return merged

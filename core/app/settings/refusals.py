"""Describes errors in the settings for the operator."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from core.app.settings import election_toml_template as template
from core.app.settings.election_toml_template import Place
from core.text.safe_text import safe_text
from core.text.text import N_, Text

PREFIX = "RETROUVE_"
NESTED = "__"
SHOWN_LENGTH = 60
SECRETS = ("password", "inbound_secret", "secret", "key", "database_url", "throttle_url")
PASSWORD_IN_URL = re.compile(r"^[^/]*://[^/@]*:[^/]*@|[?&]password=", re.IGNORECASE)
WITHOUT_VALUE = {"missing", "extra_forbidden", "unexpected_keyword_argument"}
"""Types of pydantic errors whose messages omit the value, because the value may be a secret."""
HIDDEN = "…"
LEAST_SIMILARITY = 0.8

AT_LINE = N_("election.toml, ligne {line} : {setting}. {reason} Permis : {accepted}.")
ELSEWHERE = N_("{setting}. {reason} Permis : {accepted}.")
UNKNOWN = N_("Ce réglage n'existe pas.")
UNKNOWN_VARIABLE = N_("Cette variable ne correspond à aucun réglage.")
FOR_EXAMPLE = N_("par exemple {example}")
PERHAPS = N_("peut-être {nearest}")
SAMPLE = N_("les réglages du modèle, que « retrouve init » écrit avec leurs explications")


@dataclass(frozen=True, slots=True)
class SettingFault:
    """An error in a setting. `line` is None if the setting is not in the file."""

    line: int | None
    place: str
    value: str
    reason: Text | str
    accepted: Text | str

    def sentence(self) -> Text:
        setting = f"{self.place} = {self.value}" if self.value else self.place
        facts = {"setting": setting, "reason": self.reason, "accepted": self.accepted}
        if self.line is None:
            return ELSEWHERE.fill(facts)
        return AT_LINE.fill({**facts, "line": str(self.line)})  # a string gets no thousands separator


class SettingsRefused(Exception):
    """Raised when settings are invalid. `faults` follows the order of election.toml."""

    def __init__(self, faults: Sequence[SettingFault]) -> None:
        super().__init__(", ".join(fault.place for fault in faults))
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line is None, fault.line or 0, fault.place)))


def refusal(reason: Text) -> PydanticCustomError:
    """Create a pydantic error with a translatable reason. Validators raise this error."""
    return PydanticCustomError("retrouve", "{reason}", {"reason": reason})


def refuse(place: Place, value: object, reason: Text) -> NoReturn:
    """Raise pydantic's ValidationError. `place` is the setting's path within its section."""
    details = InitErrorDetails(type=refusal(reason), loc=place, input=value)
    raise ValidationError.from_exception_data("settings", [details])


def fault_of(error: ErrorDetails, lines: Mapping[Place, int]) -> SettingFault:
    place = error["loc"]
    variable = _variable_that_set(place)
    reason, accepted = _reason_and_accepted(error)
    return SettingFault(
        line=None if variable else template.nearest_line(lines, place),
        place=variable or template.setting_name(place),
        value="" if error["type"] in WITHOUT_VALUE else displayed_value(place, error["input"]),
        reason=reason,
        accepted=accepted,
    )


def unknown_variables() -> Iterator[SettingFault]:
    """Yield an error for each misspelt environment variable."""
    known = template.setting_names()
    for variable in (name for name in os.environ if name.startswith(PREFIX)):
        name = variable.removeprefix(PREFIX).lower().partition(NESTED)[0]
        near = get_close_matches(name, known, n=1, cutoff=LEAST_SIMILARITY)
        if near and name not in known:
            yield SettingFault(None, variable, "", UNKNOWN_VARIABLE, PERHAPS.fill({"nearest": variable_of((near[0],))}))


def variable_of(place: Place) -> str:
    return PREFIX + NESTED.join(str(part) for part in place).upper()


def displayed_value(place: Place, value: object) -> str:
    """Return a setting's value for an error message, on one line and without secrets."""
    if isinstance(value, dict | list | tuple):  # it may contain a secret
        return ""
    if any(part in SECRETS for part in place) or PASSWORD_IN_URL.search(str(value)):
        return HIDDEN
    written = value.isoformat(" ") if isinstance(value, datetime) else str(value)
    line = safe_text(written)
    return line if len(line) <= SHOWN_LENGTH else line[: SHOWN_LENGTH - 1] + "…"


def _variable_that_set(place: Place) -> str | None:
    names = (variable_of(place[:end]) for end in range(len(place), 0, -1))
    return next((name for name in names if os.environ.get(name)), None)


def _reason_and_accepted(error: ErrorDetails) -> tuple[Text | str, Text | str]:
    place = error["loc"]
    if error["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        near = template.nearest_setting_name(place)
        return UNKNOWN, SAMPLE if near is None else PERHAPS.fill({"nearest": near})
    reason = error["ctx"]["reason"] if error["type"] == "retrouve" else f"{error['msg']}."
    line = template.example_line(place)
    return reason, SAMPLE if line is None else FOR_EXAMPLE.fill({"example": line})

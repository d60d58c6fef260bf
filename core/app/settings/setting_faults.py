"""A refused setting as its operator reads it: the line, the value, the reason, and what is allowed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import ErrorDetails

from core.app.settings import election_toml_template
from core.app.settings import refused_setting_sentences as words
from core.app.settings.election_toml_template import Place, TomlLineNumbers, setting_name
from core.text.text import Text

PREFIX = "RETROUVE_"
NESTED = "__"
SHOWN_LENGTH = 60
SECRETS = ("password", "inbound_secret", "key", "database_url", "throttle_url")
HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class SettingFault:
    """One refused setting. Without a line, `place` is an environment variable or a setting that is missing."""

    line: int | None
    place: str
    value: str
    reason: Text
    allowed: Text | str

    def sentence(self) -> Text:
        """Return the whole fault in one line."""
        if self.line is None:
            form = words.ELSEWHERE if self.value else words.NOTHING_WRITTEN
        else:
            form = words.AT_LINE if self.value else words.AT_LINE_NOTHING_WRITTEN
        told = {"place": self.place, "value": self.value, "reason": self.reason, "allowed": self.allowed}
        return form.fill({**told, "line": str(self.line)})  # a name, not a quantity: it takes no thousands separator


class SettingsRefused(Exception):
    """The settings cannot be used. `faults` holds every fault, in the order of the file."""

    def __init__(self, faults: Sequence[SettingFault]) -> None:
        super().__init__(", ".join(fault.place for fault in faults))
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line is None, fault.line or 0, fault.place)))


@dataclass(frozen=True, slots=True)
class SettingSources:
    """The place where each setting was written: a line of the file, or an environment variable."""

    lines: TomlLineNumbers
    variables: Mapping[str, str]

    def environment_variable_that_set(self, setting_path: Place) -> str | None:
        """Return the environment variable that wrote this setting, if one did."""
        names = [environment_variable_of(setting_path[:end]) for end in range(len(setting_path), 0, -1)]
        return next((name for name in names if name in self.variables), None)

    def is_written(self, setting_path: Place) -> bool:
        """Tell whether exactly this setting is written anywhere."""
        return (
            self.environment_variable_that_set(setting_path) is not None or self.lines.line_of(setting_path) is not None
        )


def environment_variable_of(setting_path: Place) -> str:
    """Return the environment variable of a setting, such as RETROUVE_MAIL__SENDER."""
    return PREFIX + NESTED.join(str(part) for part in setting_path).upper()


def setting_fault_of(error: ErrorDetails, sources: SettingSources) -> SettingFault:
    """Convert a validation error of pydantic into a fault in the operator's words, at the operator's line."""
    place = _blamed(error, sources)
    reason, allowed = _told(error, place)
    variable = sources.environment_variable_that_set(place)
    return SettingFault(
        line=None if variable else sources.lines.nearest_line(place),
        place=variable or setting_name(place),
        value="" if error["type"] == "missing" else displayed_value(place, error["input"]),
        reason=reason,
        allowed=allowed,
    )


def displayed_value(setting_path: Place, value: object) -> str:
    """Return what was written, shortened to one line, and never a secret."""
    if any(part in SECRETS for part in setting_path):
        return HIDDEN
    written = value.isoformat(" ") if isinstance(value, datetime) else str(value)
    if isinstance(value, dict | list | tuple):
        return HIDDEN  # it may hold a secret
    line = "".join(character if character.isprintable() else "�" for character in written)
    return line if len(line) <= SHOWN_LENGTH else line[: SHOWN_LENGTH - 1] + "…"


def _blamed(error: ErrorDetails, sources: SettingSources) -> Place:
    place = error["loc"]
    instead = error.get("ctx", {}).get("instead")
    if instead is not None and not sources.is_written(place) and sources.is_written((*place[:-1], instead)):
        return (*place[:-1], instead)
    return place


def _told(error: ErrorDetails, place: Place) -> tuple[Text, Text]:
    ctx = error.get("ctx", {})
    match error["type"]:
        case "worded":
            return ctx["reason"], ctx["allowed"]
        case "missing":
            return (words.SECTION_MISSING if election_toml_template.is_section(place) else words.MISSING), _example(
                place
            )
        case "extra_forbidden" | "unexpected_keyword_argument":
            near = election_toml_template.nearest_setting_name(place)
            return words.UNKNOWN, words.SAMPLE if near is None else words.PERHAPS.fill({"nearest": near})
        case kind if kind in BOUNDS:
            reason, allowed, name, bound = BOUNDS[kind]
            return reason, allowed.fill({name: ctx[bound]})
        case "enum" | "literal_error":
            return words.NOT_A_CHOICE, words.ONE_OF.fill(
                {"choices": ctx["expected"].replace(" or ", ", ").replace("'", '"')}
            )
        case kind:
            reason = next((reason for starts, reason in TYPES if kind.startswith(starts)), words.UNREADABLE)
            return reason, _example(place)


def _example(place: Place) -> Text:
    line = election_toml_template.example_line(place)
    return words.SAMPLE if line is None else words.FOR_EXAMPLE.fill({"example": line})


BOUNDS: Mapping[str, tuple[Text, Text, str, str]] = {
    "greater_than_equal": (words.OUT_OF_BOUNDS, words.AT_LEAST, "minimum", "ge"),
    "less_than_equal": (words.OUT_OF_BOUNDS, words.AT_MOST, "maximum", "le"),
    "string_too_short": (words.EMPTY, words.AT_LEAST_CHARACTERS, "minimum", "min_length"),
    "string_too_long": (words.TOO_LONG, words.AT_MOST_CHARACTERS, "maximum", "max_length"),
}
TYPES: Sequence[tuple[str, Text]] = (
    ("int_", words.NOT_A_WHOLE_NUMBER),
    ("finite_number", words.NOT_A_WHOLE_NUMBER),
    ("bool_", words.NOT_A_BOOLEAN),
    ("string_", words.NOT_WORDS),
    ("path_type", words.NOT_WORDS),
    ("datetime_", words.NOT_A_MOMENT),
    ("tuple_type", words.NOT_A_LIST),
    ("model_type", words.NOT_A_SECTION),
)

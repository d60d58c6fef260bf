"""Types that cross the socket, read from the annotations of the allowed calls, so that no list of them is kept."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from core.desk.aware_datetime_argument import AwareDatetime
from core.desk.sessions_callers_and_approvals import UnforgeableValue
from core.forms.flow_model import Action, AskStep, AwaitMessageStep, ChooseStep, FinalStep, Flow
from core.text.text import BilingualText, Day, DayWithYear, Moment, Text, TimeOfDay

LONGEST_TEXT, MOST_ITEMS, GREATEST = 4096, 1000, 2**63 - 1
PLAIN = (NoneType, bool, int, float, str)
TIMES = (datetime, date, timedelta, ZoneInfo)
DEFINED = (Action, AskStep, ChooseStep, Flow, FinalStep, AwaitMessageStep)
"""Definitions cross as their names: both ends have the same ones, of the same version and policy."""
IN_SENTENCES = (BilingualText, Day, DayWithYear, Moment, Text, TimeOfDay)
"""Types of a sentence's values, beside plain ones."""
COLLECTIONS = (tuple, list, frozenset, Sequence, Mapping, AbstractSet)
ARGUMENTS: Mapping[object, object] = {
    datetime: Annotated[datetime, Meta(tz=True)],
    **{each: each for each in (NoneType, bool, date, int, str)},
}


class NotSerialisable(TypeError):
    """A type that this module does not know how to send."""


def argument_type(annotation: object) -> Any:  # noqa: ANN401  # a type form
    """Return the type of an argument in a request: a session and the like is its token. Raises NotSerialisable."""
    if annotation in ARGUMENTS:
        return ARGUMENTS[annotation]
    if get_origin(annotation) in {Union, UnionType}:
        return Union[tuple(map(argument_type, get_args(annotation)))]  # noqa: UP007  # made at run time
    if get_origin(annotation) is tuple and get_args(annotation)[1:] == (...,):
        return tuple[argument_type(get_args(annotation)[0]), ...]  # type: ignore[misc]  # made at run time
    if isinstance(annotation, type) and issubclass(annotation, UnforgeableValue):
        return str
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return annotation
    if isinstance(annotation, type) and (is_dataclass(annotation) or issubclass(annotation, msgspec.Struct)):
        hints = get_type_hints(annotation, include_extras=True)
        for name in field_names(annotation):
            _require_argument_field(hints[name])
        return annotation
    raise NotSerialisable(annotation)


def is_within_bounds(value: object) -> bool:
    """Tell whether an argument, with everything in it, is neither longer nor greater than the store takes."""
    match value:
        case str():
            return len(value) <= LONGEST_TEXT
        case int():
            return -GREATEST <= value <= GREATEST
        case tuple():
            return len(value) <= MOST_ITEMS and all(map(is_within_bounds, value))
        case _:
            return all(is_within_bounds(getattr(value, name)) for name in field_names(type(value)))


def _require_argument_field(annotation: object) -> None:
    """Raises NotSerialisable for what is no argument, and for a moment that may lack its zone."""
    if annotation is datetime:
        raise NotSerialisable(annotation)
    if annotation != AwareDatetime:
        argument_type(annotation)


def type_behind_token(annotation: object) -> type[UnforgeableValue] | None:
    """Return the class of session and the like that an argument is, if it is one."""
    candidates = get_args(annotation) or (annotation,)
    return next((each for each in candidates if isinstance(each, type) and issubclass(each, UnforgeableValue)), None)


def result_types(annotations: Iterable[object]) -> dict[str, type]:
    """Return the classes that results are made of, by name. Raises NotSerialisable."""
    found: dict[str, type] = {each.__name__: each for each in IN_SENTENCES}
    for each in annotations:
        _collect(each, found)
    return found


def _collect(annotation: Any, found: dict[str, type]) -> None:  # noqa: ANN401  # a type form
    origin = get_origin(annotation) or annotation
    if origin in (*PLAIN, *TIMES, *DEFINED) or found.get(getattr(origin, "__name__", "")) is origin:
        return
    if origin in {Union, UnionType, *COLLECTIONS}:
        for each in get_args(annotation):
            if each is not ...:
                _collect(each, found)
    elif origin is Annotated:
        _collect(get_args(annotation)[0], found)
    elif isinstance(origin, type) and (is_dataclass(origin) or issubclass(origin, StrEnum | msgspec.Struct)):
        if found.setdefault(origin.__name__, origin) is not origin:
            raise NotSerialisable(found[origin.__name__], origin)
        hints = get_type_hints(origin) if not issubclass(origin, StrEnum) else {}
        for name in field_names(origin):
            _collect(hints[name], found)
    else:
        raise NotSerialisable(annotation)


def field_names(kind: type) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass or of a msgspec struct, in order; none of an enumeration."""
    if is_dataclass(kind):
        return tuple(each.name for each in fields(kind) if each.init)
    return tuple(getattr(kind, "__struct_fields__", ()))

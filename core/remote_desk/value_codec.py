"""Turns what use cases return into plain lists and maps, and back. A closed set of classes crosses, and no code.

The set is read from the annotations of the allowed calls, so that no list of it is kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from operator import attrgetter
from string import Formatter
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec

from core.desk.sessions_callers_and_approvals import UnforgeableValue
from core.forms.flow_model import Action, Flow, Step
from core.text.text import BilingualText, Day, DayWithYear, Moment, Text, TimeOfDay

LONGEST_TEXT, MOST_ITEMS, GREATEST = 4096, 1000, 2**63 - 1
PLAIN = (NoneType, bool, int, float, str)
TIMES = (datetime, date, timedelta, ZoneInfo)
DEFINED = (Action, Flow, *get_args(Step))
"""Definitions cross as their names: both ends have the same ones, of the same version and policy."""
IN_SENTENCES = (BilingualText, Day, DayWithYear, Moment, Text, TimeOfDay)
"""Types of a sentence's values, beside plain ones."""
COLLECTIONS = (tuple, list, frozenset, Sequence, Mapping, AbstractSet)
ARGUMENTS = (NoneType, bool, date, datetime, int, str)
COUNT, FORMATTER = "count", Formatter()
CLASS, OF = "$", "of"
"""The keys of a map that stands for a value: the name of its class, and its content where that is one value."""
PARTS: Mapping[type, tuple[str, Callable[[Any], object]]] = {
    datetime: ("datetime", datetime.isoformat),
    date: ("date", date.isoformat),
    timedelta: ("timedelta", timedelta.total_seconds),
    ZoneInfo: ("ZoneInfo", attrgetter("key")),
    Flow: ("flow", attrgetter("slug")),
    **{step: ("step", attrgetter("code")) for step in get_args(Step)},
}
"""The name under which a value of one part is sent, and this part."""


class NotSerialisable(TypeError):
    """A type that this module does not know how to send."""


# ── Arguments ────────────────────────────────────────────────────────────────────────────────────────────────


def argument_type(annotation: object) -> Any:  # noqa: ANN401  # a type form
    """Return the type of an argument in a request: a session and the like is its token. Raises NotSerialisable."""
    if annotation in ARGUMENTS:
        return annotation
    if get_origin(annotation) in {Union, UnionType}:
        return Union[tuple(map(argument_type, get_args(annotation)))]  # noqa: UP007  # made at run time
    if get_origin(annotation) is tuple and get_args(annotation)[1:] == (...,):
        return tuple[argument_type(get_args(annotation)[0]), ...]  # type: ignore[misc]  # made at run time
    if isinstance(annotation, type) and issubclass(annotation, UnforgeableValue):
        return str
    if isinstance(annotation, type) and (is_dataclass(annotation) or issubclass(annotation, StrEnum | msgspec.Struct)):
        for hint in _field_types(annotation).values():
            argument_type(hint)
        return annotation
    raise NotSerialisable(annotation)


def is_acceptable_argument(value: object) -> bool:
    """Tell whether an argument, with everything in it, is what the store takes: no longer, no greater, no moment without its zone."""
    match value:
        case str():
            return len(value) <= LONGEST_TEXT
        case int():
            return -GREATEST <= value <= GREATEST
        case datetime():
            return value.tzinfo is not None
        case tuple():
            return len(value) <= MOST_ITEMS and all(map(is_acceptable_argument, value))
        case _:
            kind: type = type(value)
            return all(is_acceptable_argument(getattr(value, name)) for name in _field_types(kind))


def unforgeable_value_type(annotation: object) -> type[UnforgeableValue] | None:
    """Return the class of session and the like that an argument is, if it is one."""
    candidates = get_args(annotation) or (annotation,)
    return next((each for each in candidates if isinstance(each, type) and issubclass(each, UnforgeableValue)), None)


# ── Results ──────────────────────────────────────────────────────────────────────────────────────────────────


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
    elif isinstance(origin, type) and (is_dataclass(origin) or issubclass(origin, StrEnum | msgspec.Struct)):
        if found.setdefault(origin.__name__, origin) is not origin:
            raise NotSerialisable(found[origin.__name__], origin)
        for hint in _field_types(origin).values():
            _collect(hint, found)
    else:
        raise NotSerialisable(annotation)


@cache
def _field_types(kind: type) -> Mapping[str, object]:
    """Return the types of the fields of a dataclass or of a msgspec struct, by name; none of any other class."""
    if is_dataclass(kind):
        names = tuple(each.name for each in fields(kind) if each.init)
    else:
        names = getattr(kind, "__struct_fields__", ())
    hints = get_type_hints(kind) if names else {}
    return {name: hints[name] for name in names}


@lru_cache(maxsize=4096)
def _printed_names(msgid: str, plural: str | None) -> frozenset[str]:
    """Return the names of the values that a sentence prints, or that choose its plural."""
    named = (name for form in (msgid, plural or "") for _, name, _, _ in FORMATTER.parse(form))
    return frozenset(name for name in (*named, COUNT) if name)


class ValueCodec:
    """Encodes for one end and decodes at the other. Both have the definitions of the same `flows`."""

    def __init__(self, results: Iterable[object], flows: tuple[Flow, ...]) -> None:
        self._classes = result_types(results)
        self._fields = {kind: tuple(_field_types(kind)) for kind in self._classes.values()}
        self._steps: dict[str, Step] = {step.code: step for flow in flows for step in flow.steps}
        self._flows = {flow.slug: flow for flow in flows}
        self._actions = {
            id(action): [code, number]
            for code, step in self._steps.items()
            for number, action in enumerate(step.actions)
        }
        self._makers: dict[str, Callable[[Any], object]] = {
            "datetime": datetime.fromisoformat,
            "date": date.fromisoformat,
            "timedelta": lambda seconds: timedelta(seconds=seconds),
            "ZoneInfo": ZoneInfo,
            "list": lambda items: list(map(self.decode, items)),
            "set": lambda items: frozenset(map(self.decode, items)),
            "map": lambda pairs: {self.decode(key): self.decode(value) for key, value in pairs},
            "flow": lambda slug: self._flows[slug],
            "step": lambda code: self._steps[code],
            "action": lambda place: self._steps[place[0]].actions[place[1]],
        }

    def encode(self, value: object) -> object:
        """Return the value as plain lists and maps. Raises NotSerialisable."""
        kind = type(value)
        if kind in PLAIN:
            return value
        if isinstance(value, tuple):
            return list(map(self.encode, value))
        if isinstance(value, Text):
            # A sentence is given every fact of its step, and sent with those that it prints.
            printed = _printed_names(value.msgid, value.plural)
            params = self.encode({name: each for name, each in value.params.items() if name in printed})
            return {CLASS: "Text", "msgid": value.msgid, "plural": value.plural, "params": params}
        if kind in self._fields and not isinstance(value, StrEnum):
            return {CLASS: kind.__name__, **{name: self.encode(getattr(value, name)) for name in self._fields[kind]}}
        if kind in PARTS:
            name, part = PARTS[kind]
            return {CLASS: name, OF: part(value)}
        return self._encode_other(value)

    def _encode_other(self, value: object) -> object:
        match value:
            case StrEnum():  # one that no annotation names is a sentence's value, of which the words count
                kind = type(value)
                return {CLASS: kind.__name__, OF: value.value} if kind in self._fields else value.value
            case list():
                return {CLASS: "list", OF: list(map(self.encode, value))}
            case AbstractSet():
                return {CLASS: "set", OF: list(map(self.encode, value))}
            case Mapping():
                return {CLASS: "map", OF: [list(map(self.encode, pair)) for pair in value.items()]}
            case Action():
                return {CLASS: "action", OF: self._actions[id(value)]}
            case _:
                raise NotSerialisable(type(value))

    def decode(self, sent: object) -> object:
        """Return the value again. Raises NotSerialisable for a class that is not of the set."""
        if isinstance(sent, list):
            return tuple(map(self.decode, sent))
        if not isinstance(sent, dict):
            return sent
        name = sent[CLASS]
        if name in self._makers:
            return self._makers[name](sent[OF])
        kind = self._classes.get(name)
        if kind is None:
            raise NotSerialisable(name)
        if issubclass(kind, StrEnum):
            return kind(sent[OF])
        values = {field: self.decode(each) for field, each in sent.items() if field != CLASS}
        return kind.copy_for_terminal(**values) if issubclass(kind, UnforgeableValue) else kind(**values)

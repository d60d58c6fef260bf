"""Turns what use cases return into plain lists and maps, and back. A closed set of classes crosses, and no code."""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from string import Formatter
from zoneinfo import ZoneInfo

from core.desk.sessions_callers_and_approvals import UnforgeableValue
from core.forms.flow_model import Action, Flow, Step
from core.remote_desk.serialisable_types import DEFINED, PLAIN, NotSerialisable, field_names, result_types
from core.text.text import Text

COUNT, FORMATTER = "count", Formatter()
CLASS, OF = "$", "of"
"""The keys of a map that stands for a value: the name of its class, and its content where that is one value."""
Encode = Callable[[object], object]
PARTS: Mapping[type, Encode] = {
    datetime: lambda at: at.isoformat(),  # type: ignore[attr-defined]  # a datetime; its zone stays
    date: lambda on: on.isoformat(),  # type: ignore[attr-defined]
    timedelta: lambda time: time.total_seconds(),  # type: ignore[attr-defined]
    ZoneInfo: lambda zone: zone.key,  # type: ignore[attr-defined]
}
"""The form in which a value of one part is sent."""


@lru_cache(maxsize=4096)
def _names(msgid: str, plural: str | None) -> frozenset[str]:
    """Return the names of the values that a sentence prints, or that choose its plural."""
    named = (name for form in (msgid, plural or "") for _, name, _, _ in FORMATTER.parse(form))
    return frozenset(name for name in (*named, COUNT) if name)


class ValueCodec:
    """Encodes for one end and decodes at the other. Both have the definitions of the same `flows`."""

    def __init__(self, results: Iterable[object], flows: tuple[Flow, ...]) -> None:
        self._classes = result_types(results)
        self._fields = {kind: field_names(kind) for kind in self._classes.values()}
        self._steps: dict[str, Step] = {step.code: step for flow in flows for step in flow.steps}
        self._flows = {flow.slug: flow for flow in flows}
        self._actions: dict[int, tuple[str, int]] = {
            id(action): (code, number)
            for code, step in self._steps.items()
            for number, action in enumerate(step.actions)
        }
        self._makers: dict[str, Callable[[object], object]] = {
            "datetime": lambda at: datetime.fromisoformat(str(at)),
            "date": lambda on: date.fromisoformat(str(on)),
            "timedelta": lambda seconds: timedelta(seconds=float(str(seconds))),
            "ZoneInfo": lambda key: ZoneInfo(str(key)),
            "list": lambda items: list(map(self.decode, items)),  # type: ignore[call-overload]
            "set": lambda items: frozenset(map(self.decode, items)),  # type: ignore[call-overload]
            "map": lambda pairs: {self.decode(key): self.decode(value) for key, value in pairs},  # type: ignore[attr-defined]
            "flow": lambda slug: self._flows[str(slug)],
            "step": lambda code: self._steps[str(code)],
            "action": lambda place: self._steps[place[0]].actions[place[1]],  # type: ignore[index]
        }

    def encode(self, value: object, issue: Callable[[UnforgeableValue], str] = lambda issued: issued.token) -> object:
        """Return the value as plain lists and maps; `issue` gives a session and the like its token. Raises NotSerialisable."""
        kind = type(value)
        if kind in PLAIN:
            return value
        if isinstance(value, tuple):
            return [self.encode(each, issue) for each in value]
        if kind is Text:
            return self._encode_text(value, issue)  # type: ignore[arg-type]  # that is its class
        if kind in PARTS:
            return {CLASS: kind.__name__, OF: PARTS[kind](value)}
        if kind in self._fields and not isinstance(value, StrEnum):
            sent = {name: self.encode(getattr(value, name), issue) for name in self._fields[kind]}
            return {
                CLASS: kind.__name__,
                **sent,
                **({"token": issue(value)} if isinstance(value, UnforgeableValue) else {}),
            }
        return self._encode_other(value, issue)

    def _encode_text(self, text: Text, issue: Callable[[UnforgeableValue], str]) -> object:
        """Encode a sentence with the values that it prints: it is given every fact of its step."""
        printed = _names(text.msgid, text.plural)
        values = [[name, self.encode(each, issue)] for name, each in text.params.items() if name in printed]
        return {CLASS: "Text", "msgid": text.msgid, "plural": text.plural, "params": {CLASS: "map", OF: values}}

    def _encode_other(self, value: object, issue: Callable[[UnforgeableValue], str]) -> object:
        match value:
            case StrEnum():  # one that no annotation names is a sentence's value, of which the words count
                return {CLASS: type(value).__name__, OF: value.value} if type(value) in self._fields else value.value
            case list():
                return {CLASS: "list", OF: [self.encode(each, issue) for each in value]}
            case AbstractSet():
                return {CLASS: "set", OF: [self.encode(each, issue) for each in value]}
            case Mapping():
                pairs = [[self.encode(name, issue), self.encode(each, issue)] for name, each in value.items()]
                return {CLASS: "map", OF: pairs}
            case _ if isinstance(value, DEFINED):
                return self._encode_definition(value)
            case _:
                raise NotSerialisable(type(value))

    def _encode_definition(self, value: object) -> object:
        if isinstance(value, Flow):
            return {CLASS: "flow", OF: value.slug}
        if isinstance(value, Action):
            return {CLASS: "action", OF: list(self._actions[id(value)])}
        assert isinstance(value, Step)  # noqa: S101  # nothing else is defined
        return {CLASS: "step", OF: value.code}

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
        fields = {field: self.decode(each) for field, each in sent.items() if field != CLASS}
        return kind.copy_for_terminal(**fields) if issubclass(kind, UnforgeableValue) else kind(**fields)

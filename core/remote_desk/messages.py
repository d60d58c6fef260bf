"""Messages between terminals and the daemon. Each message is one line of JSON."""

import socket
import time
from datetime import datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Raw, Struct, json

from core.forms.errors import Refusal, error_classes_by_id
from core.forms.flow_model import FieldRejected, FormErrors
from core.ports import CommitOutcomeUnknown, StoreUnavailable
from core.text.text import SentenceValue, Text

T = TypeVar("T")
MOST_REQUEST, MOST_ANSWER = 64 * 1024, 4 * 1024 * 1024


class Call(Struct, frozen=True, forbid_unknown_fields=True):
    """A terminal's call to a use case. `version` is the terminal's version."""

    version: str
    use_case: str
    arguments: Raw


class Returned(Struct, Generic[T], frozen=True, tag=True):
    value: T


class Refused(Struct, frozen=True, tag=True):
    """The answer when the use case raised a Refusal."""

    id: str
    facts: dict[str, SentenceValue]
    until: datetime | None


class FormRefused(Struct, frozen=True, tag=True):
    """The answer when the use case raised FormErrors."""

    fields: dict[str, tuple[str, dict[str, SentenceValue]]]
    tries: Text | None


class Unanswered(Struct, frozen=True, tag=True):
    """The answer when the database failed. If `may_be_done`, the change may have been stored."""

    may_be_done: bool


Failure = Refused | FormRefused | Unanswered


def failure_of(error: Exception) -> Failure | None:
    match error:
        case Refusal():
            return Refused(error.id, error.facts, error.until)  # type: ignore[arg-type]  # the values of its sentences
        case FormErrors():
            fields = {name: (rejected.id, dict(rejected.reason.params)) for name, rejected in error.by_field.items()}
            return FormRefused(fields, error.tries)
        case StoreUnavailable():
            return Unanswered(isinstance(error, CommitOutcomeUnknown))
        case _:
            return None


def error_of(failure: Failure) -> Exception:
    match failure:
        case Refused():
            refusal = error_classes_by_id(Refusal)[failure.id]()
            refusal.facts, refusal.until = dict(failure.facts), failure.until
            return refusal
        case FormRefused():
            errors = error_classes_by_id(FieldRejected)
            fields = {name: errors[error_id](**params) for name, (error_id, params) in failure.fields.items()}
            return FormErrors(fields, tries=failure.tries)
        case Unanswered():
            return CommitOutcomeUnknown() if failure.may_be_done else StoreUnavailable()


def encode_zone(value: object) -> str:
    """Encode a ZoneInfo as its name, for msgspec."""
    if isinstance(value, ZoneInfo):
        return value.key
    raise NotImplementedError(type(value))  # as msgspec asks of its hooks


def decode_zone(kind: type, value: Any) -> ZoneInfo:  # noqa: ANN401  # msgspec's signature
    if kind is ZoneInfo:
        return ZoneInfo(value)
    raise NotImplementedError(kind)  # as msgspec asks of its hooks


ENCODER = json.Encoder(enc_hook=encode_zone)


class LineTooLong(Exception):
    pass


def read_line(stream: socket.socket, *, most: int, seconds: float) -> bytes:
    """Read a line of at most `most` bytes within `seconds`. Raises LineTooLong, TimeoutError, OSError."""
    line, ends_at = bytearray(), time.monotonic() + seconds
    while not line.endswith(b"\n"):
        left = ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        stream.settimeout(left)
        part = stream.recv(65536)
        if not part:
            raise ConnectionResetError
        line += part
        if len(line) > most:
            raise LineTooLong
    return bytes(line)


def send_line(stream: socket.socket, message: bytes, *, seconds: float) -> None:
    stream.settimeout(seconds)
    stream.sendall(message + b"\n")

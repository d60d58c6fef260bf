"""Messages of the socket: a request by the name of its call, and one of four answers.

Each is a frame: four bytes of length, then so many bytes. None is waited for without an end.
"""

import socket
import struct
import time
from datetime import datetime

import msgspec

from core.forms.errors import Refusal, error_classes_by_id
from core.forms.flow_model import FieldRejected, FormErrors
from core.ports import CommitOutcomeUnknown, StoreUnavailable
from core.remote_desk.value_codec import ValueCodec
from core.text.text import Text

MOST_REQUEST, MOST_ANSWER = 64 * 1024, 4 * 1024 * 1024
"""In bytes."""
LENGTH = struct.Struct(">I")


class RemoteCallRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call by a terminal of that version. `arguments` are read by the call's own type."""

    version: str
    call: str
    arguments: msgspec.Raw


class RemoteCallResult(msgspec.Struct, frozen=True, tag=True):
    """The result of the call."""

    value: object


class RemoteCallRefused(msgspec.Struct, frozen=True, tag=True):
    """The refusal that the call raised, by its id."""

    id: str
    facts: object = None
    until: object = None


class FormErrorsAnswer(msgspec.Struct, frozen=True, tag=True):
    """The fields that the call found wrong: the id of each error, and the values of its sentence."""

    by_field: dict[str, tuple[str, object]]
    tries: object = None


class StoreUnavailableAnswer(msgspec.Struct, frozen=True, tag=True):
    """The database did not answer; when the outcome is `unknown` the call may have been done."""

    unknown: bool


Answer = RemoteCallResult | RemoteCallRefused | FormErrorsAnswer | StoreUnavailableAnswer


def answer_for_error(error: Exception, codec: ValueCodec) -> Answer | None:
    """Return the answer that stands for an error that a use case raises by design; None for any other."""
    match error:
        case Refusal():
            return RemoteCallRefused(error.id, codec.encode(error.facts), codec.encode(error.until))
        case FormErrors():
            by_field = {name: (each.id, codec.encode(each.reason.params)) for name, each in error.by_field.items()}
            return FormErrorsAnswer(by_field, codec.encode(error.tries))
        case StoreUnavailable():
            return StoreUnavailableAnswer(isinstance(error, CommitOutcomeUnknown))
        case _:
            return None


def error_from_answer(
    answer: RemoteCallRefused | FormErrorsAnswer | StoreUnavailableAnswer, codec: ValueCodec
) -> Exception:
    """Return the error again."""
    match answer:
        case RemoteCallRefused():
            refusal = error_classes_by_id(Refusal)[answer.id]()
            refusal.facts = _params(codec.decode(answer.facts))
            until = codec.decode(answer.until)
            refusal.until = until if isinstance(until, datetime) else None
            return refusal
        case FormErrorsAnswer():
            errors = error_classes_by_id(FieldRejected)
            mistakes = {
                name: errors[each](**_params(codec.decode(params))) for name, (each, params) in answer.by_field.items()
            }
            tries = codec.decode(answer.tries)
            return FormErrors(mistakes, tries=tries if isinstance(tries, Text) else None)
        case StoreUnavailableAnswer():
            return CommitOutcomeUnknown() if answer.unknown else StoreUnavailable()


def _params(decoded: object) -> dict[str, object]:
    return {str(name): value for name, value in decoded.items()} if isinstance(decoded, dict) else {}


class FrameTooLong(Exception):
    """The other end announced more than it may send."""


class FrameTooSlow(Exception):
    """A frame was begun and did not come to its end in time."""


def read_frame(stream: socket.socket, *, max_bytes: int, idle_seconds: float, timeout_seconds: float) -> bytes | None:
    """Return the next frame, which may begin within `idle_seconds` seconds and take `timeout_seconds`; None when none begins.

    Raises FrameTooLong, FrameTooSlow, OSError.
    """
    stream.settimeout(idle_seconds)
    try:
        begun = stream.recv(LENGTH.size)
    except TimeoutError:
        return None
    if not begun:
        return None
    ends_at = time.monotonic() + timeout_seconds
    head = begun + _read(stream, LENGTH.size - len(begun), ends_at)
    (length,) = LENGTH.unpack(head)
    if length > max_bytes:
        raise FrameTooLong
    return _read(stream, length, ends_at)


def send_frame(stream: socket.socket, content: bytes, *, timeout_seconds: float) -> None:
    """Send a frame in that many seconds. Raises OSError."""
    stream.settimeout(timeout_seconds)
    stream.sendall(LENGTH.pack(len(content)) + content)


def _read(stream: socket.socket, length: int, ends_at: float) -> bytes:
    """Read exactly so many bytes. Raises FrameTooSlow, OSError."""
    parts = bytearray()
    while len(parts) < length:
        left = ends_at - time.monotonic()
        if left <= 0:
            raise FrameTooSlow
        stream.settimeout(left)
        try:
            part = stream.recv(min(length - len(parts), 65536))
        except TimeoutError:
            raise FrameTooSlow from None
        if not part:
            raise ConnectionResetError
        parts += part
    return bytes(parts)

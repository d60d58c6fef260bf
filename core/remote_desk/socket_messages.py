"""Messages of the socket: a request by the name of its call, and one of four answers."""

from datetime import datetime

import msgspec

from core.forms.errors import Refusal, error_classes_by_id
from core.forms.flow_model import FieldRejected, FormErrors
from core.ports import CommitOutcomeUnknown, StoreUnavailable
from core.remote_desk.value_codec import ValueCodec
from core.text.text import Text

MOST_REQUEST, MOST_ANSWER = 64 * 1024, 4 * 1024 * 1024
"""In bytes."""


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

"""Answers a request: reads it, calls the one use case that it names, and sends what that returned or refused."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec
import structlog

from core.desk.authorisation import Issued
from core.desk.desk_access import DeskAccess
from core.forms import errors
from core.forms.errors import Refusal
from core.remote_desk.allowed_calls import ALLOWED, CALLS, TERMINAL, AllowedCall
from core.remote_desk.crossing_types import issued_type
from core.remote_desk.issued_values import IssuedValues
from core.remote_desk.messages import MOST_ANSWER, Answer, Request, Returned, answer_of
from core.remote_desk.opened_files import OpenedFiles
from core.remote_desk.terminal_facts import TerminalFacts
from core.remote_desk.value_codec import ValueCodec

log = structlog.get_logger()
RESULTS = tuple(call.types["return"] for call in ALLOWED)


@dataclass(frozen=True)
class CallAnswering:
    """The use cases of one election, for terminals of the same `version`."""

    access: DeskAccess
    version: str
    issued: IssuedValues = field(default_factory=IssuedValues)
    opened: OpenedFiles = field(default_factory=OpenedFiles)

    @cached_property
    def codec(self) -> ValueCodec:
        """Encodes what the use cases return."""
        return ValueCodec(RESULTS, self.access.desk.guide.flows)

    def answer(self, request: bytes, account: int) -> bytes:
        """Return the answer to a request of that account of the machine. Never raises."""
        try:
            call, arguments = self._read(request)
        except Refusal as refusal:
            log.warning("desk-request-refused", account=account, reason=refusal.id)
            return self.refuse(refusal)
        try:
            encoded = msgspec.msgpack.encode(self._call(call, arguments, account))
        except Exception:
            log.exception("desk-call-failed", call=call.name, account=account)
            return self.refuse(errors.DeskServiceFailed())
        if len(encoded) > MOST_ANSWER:
            log.error("desk-answer-too-long", call=call.name, bytes=len(encoded))
            return self.refuse(errors.DeskAnswerTooLong())
        return encoded

    def refuse(self, refusal: Refusal) -> bytes:
        """Return the answer that says that refusal."""
        return msgspec.msgpack.encode(answer_of(refusal, self.codec))

    def _read(self, request: bytes) -> tuple[AllowedCall, dict[str, Any]]:
        """Return the call that a request names, and its arguments. Raises DeskRequestRefused, DeskVersionDiffers."""
        try:
            read = msgspec.msgpack.decode(request, type=Request)
            if read.version != self.version:
                raise errors.DeskVersionDiffers
            call = CALLS[read.call]
            return call, msgspec.structs.asdict(msgspec.msgpack.decode(read.arguments, type=call.arguments))
        except (msgspec.MsgspecError, KeyError, RecursionError):
            raise errors.DeskRequestRefused from None

    def _call(self, call: AllowedCall, arguments: dict[str, Any], account: int) -> Answer:
        tokens = dict[int, str]()
        part = TerminalFacts(self.access) if call.part == TERMINAL else getattr(self.access.desk, call.part)
        try:
            for name, value in arguments.items():
                kind = issued_type(call.types[name])
                if kind is not None and value is not None:
                    arguments[name] = found = self.issued.find(value, kind, account)
                    tokens[id(found)] = value
            returned = call.method(part, **arguments)
            self.opened.note(call, arguments, self.access.desk.authorisation)
        except Exception as error:
            answer = answer_of(error, self.codec)
            if answer is None:
                raise
            return answer
        finally:
            if call.ends_session:
                for token in tokens.values():
                    self.issued.end(token)

        def issue(value: Issued) -> str:
            return tokens.get(id(value)) or self.issued.keep(value, account)

        return Returned(self.codec.encode(returned, issue))

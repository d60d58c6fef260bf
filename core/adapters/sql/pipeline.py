"""Statements to PostgreSQL in batches: what nobody waits for travels with the next question, in one round trip (libpq's pipeline).

psycopg sends them one by one, each with a round trip and several times what libpq takes to send it: the database's half of an
ask took 530 µs so, and takes 200 here (measured). Its types still write the values and read the rows.
"""

import select
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from psycopg import Binary, Connection, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InvalidTextRepresentation, error_from_result
from psycopg.pq import ExecStatus, Format, PipelineStatus
from psycopg.pq.abc import PGresult

Values = Sequence[Any]
Row = tuple[Any, ...]
BYTES = (bytes, Binary)
# The server itself stops a batch whose end would be wrong, so that COMMIT can be part of it. Its log says why.
GUARDED = """\
WITH written AS ({} RETURNING 1)
SELECT CASE count(*) WHEN 1 THEN 1 ELSE (count(*) || ' rows, another came first')::integer END FROM written"""
GUARD = InvalidTextRepresentation
FAILED = frozenset({ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED})


@dataclass(frozen=True, slots=True)
class Message:
    """A statement on its way, or with `prepares` the name it is given. `unless` is raised when it does not write one row."""

    sql: str
    values: Values = ()
    unless: type[Exception] | None = None
    prepares: bool = False

    def check(self, answer: PGresult) -> None:
        """Raises the driver's error, or its own."""
        if answer.status not in FAILED:
            return
        error = error_from_result(answer)
        if self.unless is not None and isinstance(error, GUARD):
            raise self.unless from error
        raise error


SYNC = Message("")
"""Ends a batch: after a failure the server goes on from there."""


class Pipeline:
    """One connection's. All its methods raise psycopg's errors, and what the messages that wait raise."""

    def __init__(self, driver: Connection[Any]) -> None:
        self._server = driver.pgconn
        self._types = Transformer(driver)
        self._names: dict[str, bytes] = {}
        self._numbers = count()
        self._waiting: list[Message] = []
        self._let_go: list[Message] = []
        """Sent, and their answers are not read yet."""
        self._to_read, self._to_write = select.poll(), select.poll()
        self._to_read.register(driver.fileno(), select.POLLIN)
        self._to_write.register(driver.fileno(), select.POLLIN | select.POLLOUT)

    def rows(self, sql: str, values: Values) -> list[Row]:
        """What it selects or returns, after all that waits."""
        answer = self._asked(Message(sql, values))
        self._types.set_pgresult(answer)
        return self._types.load_rows(0, answer.ntuples, tuple)

    def change(self, sql: str, values: Values) -> int:
        """How many rows it wrote, after all that waits."""
        return self._asked(Message(sql, values)).command_tuples or 0

    def later(self, sql: str, values: Values = (), unless: type[Exception] | None = None) -> None:
        """Goes with the next question, or with `flush`."""
        self._waiting.append(Message(sql if unless is None else GUARDED.format(sql), values, unless))

    def flush(self) -> None:
        """All that waits, now. After it psycopg may use the connection as ever."""
        if self._waiting or self._let_go:
            self._answers(self._sent())

    def let_go(self) -> None:
        """All that waits is sent, and its answers are read when there is a next question."""
        self._let_go += self._sent()

    def settle(self) -> None:
        """The answers to what was let go, now."""
        self._answers([])

    def forget(self) -> None:
        """What waits is not wanted any more."""
        self._waiting.clear()

    def unsay(self, sql: str) -> bool:
        """Takes the first such message back, if it still waits. Whether it did."""
        at = next((at for at, message in enumerate(self._waiting) if message.sql == sql), None)
        if at is not None:
            del self._waiting[at]
        return at is not None

    @property
    def waiting(self) -> Sequence[Message]:
        """What was not sent yet."""
        return self._waiting

    def _asked(self, message: Message) -> PGresult:
        self._waiting.append(message)
        return self._answers(self._sent())

    def _sent(self) -> list[Message]:
        messages, self._waiting, sent = self._waiting, [], []
        if self._server.pipeline_status == PipelineStatus.OFF:
            self._server.enter_pipeline_mode()
        for message in messages:
            if message.sql not in self._names:
                sent.append(self._prepare(message.sql))
            sent.append(self._send(message))
        self._server.pipeline_sync()
        while self._server.flush():
            self._to_write.poll()
            self._server.consume_input()
        return [*sent, SYNC]

    def _prepare(self, sql: str) -> Message:
        name = self._names[sql] = b"retrouve%d" % next(self._numbers)
        self._server.send_prepare(name, sql.encode())
        return Message(sql, prepares=True)

    def _send(self, message: Message) -> Message:
        formats = [PyFormat.BINARY if isinstance(value, BYTES) else PyFormat.TEXT for value in message.values]
        values = self._types.dump_sequence(message.values, formats)
        self._server.send_query_prepared(self._names[message.sql], values, self._types.formats, Format.BINARY)
        return message

    def _answers(self, sent: Sequence[Message]) -> PGresult:
        """Each is checked; the last one's, before the SYNC's, is returned."""
        messages, self._let_go = [*self._let_go, *sent], []
        answered = [(message, self._answer()) for message in messages]
        self._server.exit_pipeline_mode()
        for message, answer in answered:
            if message.prepares and answer.status in FAILED:
                del self._names[message.sql]
        for message, answer in answered:
            message.check(answer)
        return answered[-2][1]

    def _answer(self) -> PGresult:
        """The next; each but a SYNC's is followed by nothing, once."""
        answer = self._read() or self._read()
        if answer is None:
            raise OperationalError("the server has answered less than it was asked")
        return answer

    def _read(self) -> PGresult | None:
        while self._server.is_busy():
            self._to_read.poll()
            self._server.consume_input()
        return self._server.get_result()

"""Stores the journal's hash chain. Returned lines are unchecked and may be forged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, bindparam, delete, exists, func, insert, select, type_coerce

from core.adapters.sql import bulk_write
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import EPOCH, MICROSECOND, checkpoints, events, gaps, seals
from core.adapters.sql.upsert import upsert
from core.journal.verifier import GENESIS
from core.ports import (
    CHECKPOINT_CASES,
    REPORTED_AT_ONCE,
    Backlog,
    Checkpoint,
    ConflictError,
    Event,
    JournalChainEnd,
    JournalLine,
    JournalLineGap,
    JournalLineSeal,
)

ROWS_AT_ONCE = 5_000
SIGNED_FIELDS = (*Event.__struct_fields__, "program", "uid", "signature")


AS_KEPT: dict[str, Any] = {**events.c, "at": type_coerce(events.c.at, BigInteger)}
LINE_COLUMNS = (events.c.id, *map(AS_KEPT.__getitem__, SIGNED_FIELDS))
IS_SEALED = exists().where(seals.c.line == events.c.id)
IN_A_GAP = events.c.id.between(gaps.c.first, gaps.c.last)

CHAIN_END = select(seals.c.position, seals.c.digest).order_by(seals.c.position.desc()).limit(1)
LAST_SEALED_LINE = select(func.coalesce(func.max(seals.c.line), 0))
LATE_LINES = (
    select(*LINE_COLUMNS)
    .join_from(gaps, events, IN_A_GAP)
    .where(~IS_SEALED)
    .order_by(events.c.id)
    .limit(bindparam("most"))
)
NEW_LINES = (
    select(*LINE_COLUMNS).where(events.c.id > bindparam("reached")).order_by(events.c.id).limit(bindparam("most"))
)
SEALS = (
    select(seals.c.position, seals.c.line, seals.c.digest, *LINE_COLUMNS)
    .join_from(seals, events, events.c.id == seals.c.line, isouter=True)
    .where(seals.c.position > bindparam("after"))
    .order_by(seals.c.position)
)
STRAY_LINES = select(*LINE_COLUMNS).where(
    ~IS_SEALED, events.c.id <= bindparam("reached"), ~exists().where(IN_A_GAP).correlate(events)
)
COUNT_AND_FIRST_TIME = (func.count(), func.min(events.c.at))
# Each of the two queries uses an index. One query with OR would read the whole journal.
COUNT_NEW_LINES = select(*COUNT_AND_FIRST_TIME).where(events.c.id > bindparam("reached"))
COUNT_LATE_LINES = select(*COUNT_AND_FIRST_TIME).join_from(gaps, events, IN_A_GAP).where(~IS_SEALED)
COUNT_UNATTESTED_LINES = (
    select(*COUNT_AND_FIRST_TIME)
    .join_from(seals, events, events.c.id == seals.c.line)
    .where(
        seals.c.position > bindparam("after"),
        func.coalesce(events.c.case, "").not_like(f"{CHECKPOINT_CASES}%"),
    )
)
LINES_TO_REPORT = (
    select(seals.c.position, *LINE_COLUMNS)
    .join_from(seals, events, events.c.id == seals.c.line)
    .where(
        seals.c.position.between(bindparam("after") + 1, bindparam("until")),
        events.c.act.in_([act.value for act in sorted(REPORTED_AT_ONCE)]),
    )
    .order_by(seals.c.position)
)
DIGEST_AT = select(seals.c.digest).where(seals.c.position == bindparam("wanted"))
LARGEST_LINE = (1 << 62) - 1
INSERT_SEAL = (
    upsert(seals).on_conflict_do_nothing().returning(seals.c.position)  # conflict on the position or the line
)
INSERT_CHECKPOINT = (
    upsert(checkpoints).on_conflict_do_nothing(index_elements=["number"]).returning(checkpoints.c.number)
)
CHECKPOINTS = select(checkpoints).order_by(checkpoints.c.number)
LAST_CHECKPOINT = select(checkpoints).order_by(checkpoints.c.number.desc()).limit(1)
CHECKPOINT_BY_NUMBER = select(checkpoints).where(checkpoints.c.number == bindparam("wanted"))


@dataclass(frozen=True, slots=True)
class SqlJournalChain:
    connection: Connection
    rows: RowAuthenticator | None
    """Authenticator of journal lines. None in `retrouve doctor`, which has no keys."""

    def end(self) -> JournalChainEnd:
        last = self.connection.execute(CHAIN_END).one_or_none()
        position, digest = (0, GENESIS) if last is None else last
        known = self.connection.execute(select(gaps).order_by(gaps.c.first))
        return JournalChainEnd(position, digest, self._reached(), tuple(JournalLineGap(*row) for row in known))

    def unsealed(self, end: JournalChainEnd, *, limit: int) -> list[JournalLine]:
        late = self.connection.execute(LATE_LINES, {"most": limit}).all() if end.gaps else []
        new = self.connection.execute(NEW_LINES, {"reached": end.reached, "most": limit - len(late)}).all()
        # Lines that no program has signed are reported, and sealed all the same, as evidence.
        return [self._checked(_line(row)) for row in (*late, *new)]

    def seal(self, end: JournalChainEnd, seals_: Sequence[JournalLineSeal], gaps_: Sequence[JournalLineGap]) -> None:
        first, *others = seals_
        kept = msgspec.structs.asdict(first)
        if self.connection.execute(INSERT_SEAL, kept).first() is None:
            raise ConflictError
        bulk_write.insert_rows(
            self.connection, seals, JournalLineSeal.__struct_fields__, map(msgspec.structs.astuple, others)
        )
        if tuple(gaps_) != end.gaps:
            self.connection.execute(delete(gaps))
            if gaps_:
                self.connection.execute(insert(gaps), [msgspec.structs.asdict(gap) for gap in gaps_])

    def seals(self, *, after: int = 0) -> Iterator[tuple[JournalLineSeal, JournalLine | None]]:
        rows = self.connection.execute(SEALS, {"after": after}, execution_options={"yield_per": ROWS_AT_ONCE})
        for position, line, digest, *found in rows:
            yield JournalLineSeal(position, line, digest), None if found[0] is None else _line(found)

    def lines_outside_chain(self) -> Iterator[JournalLine]:
        return map(_line, self.connection.execute(STRAY_LINES, {"reached": self._reached()}))

    def count_unsealed(self) -> Backlog:
        new = self.connection.execute(COUNT_NEW_LINES, {"reached": self._reached()}).one()
        late = self.connection.execute(COUNT_LATE_LINES).one()
        oldest = [at for _, at in (new, late) if at is not None]
        return Backlog(new[0] + late[0], min(oldest, default=None))

    def count_unattested(self, *, after: int) -> Backlog:
        return Backlog(*self.connection.execute(COUNT_UNATTESTED_LINES, {"after": after}).one())

    def sealed_interventions_and_alarms(self, *, after: int, until: int | None = None) -> list[tuple[int, JournalLine]]:
        places = {"after": after, "until": LARGEST_LINE if until is None else until}
        found = [(position, _line(row)) for position, *row in self.connection.execute(LINES_TO_REPORT, places)]
        return [(position, self._checked(line)) for position, line in found]

    def digest_at(self, position: int) -> bytes | None:
        digest: bytes | None = self.connection.execute(DIGEST_AT, {"wanted": position}).scalar_one_or_none()
        return digest

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        kept = msgspec.structs.asdict(checkpoint)
        if self.connection.execute(INSERT_CHECKPOINT, kept).first() is None:
            raise ConflictError

    def checkpoint(self, number: int | None = None) -> Checkpoint | None:
        asked = (LAST_CHECKPOINT, {}) if number is None else (CHECKPOINT_BY_NUMBER, {"wanted": number})
        row = self.connection.execute(*asked).one_or_none()
        return None if row is None else Checkpoint(*row)

    def checkpoints(self) -> list[Checkpoint]:
        return [Checkpoint(*row) for row in self.connection.execute(CHECKPOINTS)]

    def _checked(self, line: JournalLine) -> JournalLine:
        genuine = self.rows is not None and self.rows.is_genuine_line(line)
        return msgspec.structs.replace(line, genuine=genuine)

    def _reached(self) -> int:
        reached: int = self.connection.execute(LAST_SEALED_LINE).scalar_one()
        return reached


def _line(row: Sequence[Any]) -> JournalLine:
    number, at, *others = row
    return JournalLine(number, dict(zip(SIGNED_FIELDS, (_moment(at), *others), strict=True)))


def _moment(kept: object) -> datetime | None:
    try:
        return EPOCH + kept * MICROSECOND if isinstance(kept, int) else None
    except OverflowError:
        return None

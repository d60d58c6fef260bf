"""How a voter stands with re-issues, in one question: their access, their last case, the counts and the re-issues."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import bindparam, select

from core.adapters.sql.prepared import Prepared, Row, Statement, record
from core.adapters.sql.recoveries import CASE, LATEST, States, case_in
from core.adapters.sql.tables import counters, recoveries, reissues, voters
from core.adapters.sql.voters import VOTER, voter_in
from core.ports import Counted, Holder, ReissueRecord

REISSUE = tuple(reissues.c[name] for name in ReissueRecord.__struct_fields__)
LAST = LATEST.with_only_columns(recoveries.c.handle).scalar_subquery()
COUNTED = len(Counted.__struct_fields__)


def holder(run: Prepared, states: States, voter: int, flow: str, buckets: Sequence[bytes]) -> Holder:
    """That voter's. Raises LookupError where nobody is kept under that id."""
    values = {"of_voter": voter, "in_flow": flow, **{_mark(place): bucket for place, bucket in enumerate(buckets)}}
    rows = run.rows(_standing(len(buckets)), values)
    if not rows:
        raise LookupError(voter)
    own, case, *counts, _ = _parts(rows[0], len(VOTER), len(CASE), *[COUNTED] * len(buckets), len(REISSUE))
    return Holder(
        voter=voter_in(own),
        last=None if case[0] is None else case_in(case, states),
        counts=tuple(None if count[0] is None else record(Counted, count) for count in counts),
        reissues=tuple(record(ReissueRecord, row[-len(REISSUE) :]) for row in rows if row[-len(REISSUE)] is not None),
    )


@lru_cache
def _standing(count: int) -> Statement:
    """A row for each re-issue, or one; all else is the same in each."""
    tables = [counters.alias() for _ in range(count)]
    counts = [table.c[name] for table in tables for name in Counted.__struct_fields__]
    last = recoveries.alias()
    found = (
        select(*VOTER, *(last.c[column.name] for column in CASE), *counts, *REISSUE)
        .select_from(voters)
        .outerjoin(last, last.c.handle == LAST)
        .outerjoin(reissues, reissues.c.voter == voters.c.id)
        .where(voters.c.id == bindparam("of_voter"))
        .order_by(reissues.c.began, reissues.c.case)
    )
    for place, table in enumerate(tables):
        found = found.outerjoin(table, table.c.bucket == bindparam(_mark(place)))
    return found


def _mark(place: int) -> str:
    return f"bucket_{place}"


def _parts(row: Row, *lengths: int) -> list[Row]:
    ends = [sum(lengths[: place + 1]) for place in range(len(lengths))]
    return [row[end - length : end] for length, end in zip(lengths, ends, strict=True)]

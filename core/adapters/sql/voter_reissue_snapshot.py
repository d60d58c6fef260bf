"""Reads a voter with their last case, counters and re-issues in one query."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec
from sqlalchemy import bindparam, select

from core.adapters.sql.cases import CASE, LATEST, case_of_row
from core.adapters.sql.driver_statement_executor import DriverStatementExecutor, Row, Statement, struct_of_row
from core.adapters.sql.protected_tables import REISSUES
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.sql_port_base import States
from core.adapters.sql.tables import counters, recoveries, reissues, voters
from core.adapters.sql.voter_accounts import VOTER, voter_of_row
from core.ports import ReissueRecord, ThrottleCounterValue, VoterReissueSnapshot

REISSUE = REISSUES.columns
LAST = LATEST.with_only_columns(recoveries.c.handle).scalar_subquery()
UNKNOWN_SLOT = 0
"""No slot of a voter has this number."""
COUNTED = len(ThrottleCounterValue.__struct_fields__)


def reissue_status_of(
    run: DriverStatementExecutor,
    states: States,
    rows: RowAuthenticator,
    *,
    voter: int,
    flow: str,
    buckets: Sequence[bytes],
) -> VoterReissueSnapshot:
    """Return that voter's status. Raises LookupError for an unknown voter, or one whose row is not authentic."""
    values = {
        "of_voter": voter,
        "in_flow": flow,
        **{_parameter(position): bucket for position, bucket in enumerate(buckets)},
    }
    found = run.rows(_status_query(len(buckets)), values)
    if not found:
        raise LookupError(voter)
    own, case, *counts, _ = _split(found[0], len(VOTER), len(CASE), *[COUNTED] * len(buckets), len(REISSUE))
    holder = voter_of_row(own, rows)
    if holder is None:
        raise LookupError(voter)
    return VoterReissueSnapshot(
        voter=holder,
        last=None if case[0] is None else case_of_row(case, states),
        counts=tuple(None if count[0] is None else struct_of_row(ThrottleCounterValue, count) for count in counts),
        reissues=tuple(reissue_of_row(row[-len(REISSUE) :], rows) for row in found if row[-len(REISSUE)] is not None),
    )


def reissue_of_row(row: Row, rows: RowAuthenticator) -> ReissueRecord:
    """Make a re-issue from a row of its columns. One that is not authentic is under way and counts, so that no other begins."""
    *covered, mac = row
    authentic = rows.has_valid_tag_or_alarm(REISSUES, covered, mac)
    record = struct_of_row(ReissueRecord, (*covered, authentic))
    return record if authentic else msgspec.structs.replace(record, slot=record.slot or UNKNOWN_SLOT, ended=None)


@lru_cache
def _status_query(count: int) -> Statement:
    """Select one row for each re-issue, or one without; all else is the same in each."""
    tables = [counters.alias() for _ in range(count)]
    counts = [table.c[name] for table in tables for name in ThrottleCounterValue.__struct_fields__]
    last = recoveries.alias()
    found = (
        select(*VOTER, *(last.c[column.name] for column in CASE), *counts, *REISSUE)
        .select_from(voters)
        .outerjoin(last, last.c.handle == LAST)
        .outerjoin(reissues, reissues.c.voter == voters.c.id)
        .where(voters.c.id == bindparam("of_voter"))
        .order_by(reissues.c.began, reissues.c.case)
    )
    for position, table in enumerate(tables):
        found = found.outerjoin(table, table.c.bucket == bindparam(_parameter(position)))
    return found


def _parameter(position: int) -> str:
    return f"bucket_{position}"


def _split(row: Row, *lengths: int) -> list[Row]:
    ends = [sum(lengths[: position + 1]) for position in range(len(lengths))]
    return [row[end - length : end] for length, end in zip(lengths, ends, strict=True)]

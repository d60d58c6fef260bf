"""The port VoterAccountRepository."""

from collections.abc import Collection, Sequence
from datetime import datetime
from hmac import compare_digest
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, select

from core.adapters.sql.driver_statement_executor import (
    Row,
)
from core.adapters.sql.protected_tables import MAC, VOTERS
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import FROZEN, PRESENT, voters
from core.adapters.sql.voter_search import LISTED
from core.ports import Voter, VoterListEntry
from core.text.text import Language

FIELDS = Voter.__struct_fields__
NAMES = (*FIELDS, *(name for name in VOTERS.covered if name not in FIELDS), MAC)
VOTER = tuple(voters.c[name] for name in NAMES)
"""The fields of Voter, and what else its tag covers."""
covered_values = itemgetter(*map(NAMES.index, VOTERS.covered))
COLUMNS = select(*VOTER)
PRESENT_VOTERS = COLUMNS.where(PRESENT)
BY_ADDRESS = PRESENT_VOTERS.where(voters.c.email == bindparam("key"))
BY_ID = COLUMNS.where(voters.c.id == bindparam("voter"))
AT_ONCE = 500
LOCKED = select(voters.c.id).where(voters.c.id == bindparam("voter")).with_for_update()
# SQLite has one writer at a time; SQLAlchemy leaves the lock out there.
UNLOCKED = select(voters.c.id).with_for_update(skip_locked=True)

FROZEN_ONES = LISTED.where(FROZEN).order_by(voters.c.frozen.desc(), voters.c.id.desc()).limit(bindparam("most"))


class SqlVoterAccounts(SqlPort):
    """The voters and their accounts. A row that is not authentic is as if it were not there."""

    def by_address(self, key: str) -> Voter | None:
        return voter_of_row(self._run.row(BY_ADDRESS, {"key": key}), self._rows)

    def by_id(self, voter: int) -> Voter | None:
        return voter_of_row(self._run.row(BY_ID, {"voter": voter}), self._rows)

    def by_pseudonyms(self, pseudonyms: Sequence[bytes]) -> list[Voter]:
        parts = (pseudonyms[first : first + AT_ONCE] for first in range(0, len(pseudonyms), AT_ONCE))
        rows = (self._run.rows_where_in(PRESENT_VOTERS, voters.c.pseudonym, part) for part in parts)
        found = (voter_of_row(row, self._rows) for some in rows for row in some)
        return [voter for voter in found if voter is not None]

    def lock(self, voter: int) -> None:
        self._run.write(LOCKED, {"voter": voter})

    def lock_without_waiting(self, whose: Sequence[int]) -> Collection[int]:
        found = self._run.rows_where_in(UNLOCKED, voters.c.id, whose) if whose else []
        return [voter for (voter,) in found]

    def set_password_hash(self, voter: int, password_hash: str, *, epoch: int, at: datetime) -> str:
        self._swap_in_epoch(VOTERS, voter, epoch, {"password": password_hash, "password_set": at, "epoch": epoch + 1})
        return self._rows.credential_digest(voter, password_hash)

    def store_rehashed_password(self, voter: int, password_hash: str, *, epoch: int) -> str:
        self._swap_in_epoch(VOTERS, voter, epoch, {"password": password_hash})
        return self._rows.credential_digest(voter, password_hash)

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        self._swap_in_epoch(VOTERS, voter, epoch, {"frozen": at, "epoch": epoch + 1})

    def unfreeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        ended = dict.fromkeys(("frozen", "password", "password_set"))
        self._swap_in_epoch(VOTERS, voter, epoch, {**ended, "reopened": at, "epoch": epoch + 1})

    def frozen(self, limit: int) -> list[VoterListEntry]:
        return self._run.structs(VoterListEntry, FROZEN_ONES, {"most": limit})

    def matches(self, voter: int, *, birth_date_digest: bytes, numen_digest: bytes) -> bool:
        row = self._authentic(voter)
        if row is None:
            return False
        of_birth_date, of_numen = (bytes(row[NAMES.index(name)]) for name in ("birth_date_digest", "numen_digest"))
        # Both, whichever is wrong.
        return compare_digest(of_birth_date, birth_date_digest) & compare_digest(of_numen, numen_digest)

    def first_verifier(self, voter: int) -> str | None:
        row = self._authentic(voter)
        return None if row is None else row[NAMES.index("first_verifier")]

    def _authentic(self, voter: int) -> Row | None:
        row = self._run.row(BY_ID, {"voter": voter})
        return row if row is not None and is_authentic(row, self._rows) else None


def is_authentic(row: Sequence[Any], rows: RowAuthenticator) -> bool:
    """Return whether a row of a voter's columns carries its own tag."""
    return rows.has_valid_tag_or_alarm(VOTERS, covered_values(row), row[-1])


def voter_of_row(row: Sequence[Any] | None, rows: RowAuthenticator) -> Voter | None:
    """Make a voter from a row of their columns; None without one, and for one that is not authentic."""
    if row is None or not is_authentic(row, rows):
        return None
    columns = dict(zip(FIELDS, row, strict=False))
    if columns["password"] is not None:
        columns["password"] = rows.open_credential(columns["password"], columns["id"], columns["epoch"])
        if columns["password"] is None:
            rows.report_altered_row(VOTERS, columns["id"])
            return None
    return Voter(**{**columns, "language": Language(columns["language"])})

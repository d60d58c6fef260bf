"""The port VoterAccountRepository."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any

from sqlalchemy import bindparam, select

from core.adapters.sql.protected_tables import VOTERS, columns_of_struct
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.sql_port_base import SqlPort
from core.adapters.sql.tables import FROZEN, PRESENT, voters
from core.adapters.sql.voter_search import LISTED
from core.ports import ConflictError, Voter, VoterListEntry

VOTER = columns_of_struct(VOTERS, Voter)
COLUMNS = select(*VOTER)
PRESENT_VOTERS = COLUMNS.where(PRESENT)
BY_ADDRESS = PRESENT_VOTERS.where(voters.c.email == bindparam("key"))
BY_ID = COLUMNS.where(voters.c.id == bindparam("voter"))
IN_EPOCH = select(voters.c.id).where(voters.c.id == bindparam("voter"), voters.c.epoch == bindparam("in_epoch"))
PROTECTED_PART = select(*VOTERS.columns).where(voters.c.id == bindparam("voter"))
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

    def by_ids(self, whose: Sequence[int]) -> Mapping[int, Voter]:
        rows = self._run.rows_where_in(COLUMNS, voters.c.id, whose) if whose else []
        found = (voter_of_row(row, self._rows) for row in rows)
        return {voter.id: voter for voter in found if voter is not None}

    def by_pseudonyms(self, pseudonyms: Sequence[bytes]) -> list[Voter]:
        parts = (pseudonyms[first : first + AT_ONCE] for first in range(0, len(pseudonyms), AT_ONCE))
        rows = (self._run.rows_where_in(PRESENT_VOTERS, voters.c.pseudonym, part) for part in parts)
        found = (voter_of_row(row, self._rows) for some in rows for row in some)
        return [voter for voter in found if voter is not None]

    def require_epoch(self, voter: int, epoch: int) -> None:
        self._run.write(IN_EPOCH, {"voter": voter, "in_epoch": epoch}, if_no_row=ConflictError)

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
        present = self._protected_part(voter)
        if present is None:
            return False
        birth_date_matches = compare_digest(present["birth_date_digest"], birth_date_digest)
        return compare_digest(present["numen_digest"], numen_digest) & birth_date_matches  # both, whichever is wrong

    def first_verifier(self, voter: int) -> str | None:
        present = self._protected_part(voter)
        return None if present is None else present["first_verifier"]

    def _protected_part(self, voter: int) -> dict[str, Any] | None:
        """Return what the tag of a voter covers; None for one who is not there, or whose row is not authentic."""
        row = self._run.row(PROTECTED_PART, {"voter": voter})
        return None if row is None else self._rows.open_row(VOTERS, row)


def voter_of_row(row: Sequence[Any] | None, rows: RowAuthenticator) -> Voter | None:
    """Make a voter from a row of their columns; None without one, and for one that is not authentic."""
    return rows.open_struct(Voter, VOTERS, row)

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

from sqlalchemy import Connection, bindparam, select

from core.adapters.sql.compare_and_swap import swap_in_epoch
from core.adapters.sql.protected_tables import VOTERS, columns_of_struct
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.structs import structs_of_rows
from core.adapters.sql.tables import FROZEN, PRESENT, voters
from core.adapters.sql.voter_search import LISTED_VOTERS
from core.ports import ConflictError, Voter, VoterListEntry

VOTER_COLUMNS = columns_of_struct(VOTERS, Voter)
SELECT_VOTERS = select(*VOTER_COLUMNS)
PRESENT_VOTERS = SELECT_VOTERS.where(PRESENT)
VOTER_BY_ADDRESS = PRESENT_VOTERS.where(voters.c.email == bindparam("key"))
VOTERS_BY_PSEUDONYMS = PRESENT_VOTERS.where(voters.c.pseudonym.in_(bindparam("pseudonyms", expanding=True)))
VOTER_BY_ID = SELECT_VOTERS.where(voters.c.id == bindparam("voter"))
VOTER_IN_EPOCH = select(voters.c.id).where(voters.c.id == bindparam("voter"), voters.c.epoch == bindparam("in_epoch"))
PROTECTED_PART = select(*VOTERS.columns).where(voters.c.id == bindparam("voter"))
BATCH_ROWS = 500
LOCK_VOTER = select(voters.c.id).where(voters.c.id == bindparam("voter")).with_for_update()
# SQLAlchemy leaves out the lock on SQLite, which has only one writer.
LOCK_VOTER_AT_ONCE = LOCK_VOTER.with_for_update(skip_locked=True)

FROZEN_VOTERS = (
    LISTED_VOTERS.where(FROZEN).order_by(voters.c.frozen.desc(), voters.c.id.desc()).limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class SqlVoterAccounts:
    connection: Connection
    rows: RowAuthenticator

    def by_address(self, key: str) -> Voter | None:
        return self.rows.open_struct(Voter, VOTERS, self.connection.execute(VOTER_BY_ADDRESS, {"key": key}).first())

    def by_id(self, voter: int) -> Voter | None:
        return self.rows.open_struct(Voter, VOTERS, self.connection.execute(VOTER_BY_ID, {"voter": voter}).first())

    def by_pseudonyms(self, pseudonyms: Sequence[bytes]) -> list[Voter]:
        parts = (pseudonyms[first : first + BATCH_ROWS] for first in range(0, len(pseudonyms), BATCH_ROWS))
        rows = (self.connection.execute(VOTERS_BY_PSEUDONYMS, {"pseudonyms": part}) for part in parts)
        found = (self.rows.open_struct(Voter, VOTERS, row) for some in rows for row in some)
        return [voter for voter in found if voter is not None]

    def require_epoch(self, voter: int, epoch: int) -> None:
        if self.connection.execute(VOTER_IN_EPOCH, {"voter": voter, "in_epoch": epoch}).first() is None:
            raise ConflictError

    def lock(self, voter: int) -> None:
        self.connection.execute(LOCK_VOTER, {"voter": voter})

    def lock_without_waiting(self, voter: int) -> bool:
        return self.connection.execute(LOCK_VOTER_AT_ONCE, {"voter": voter}).first() is not None

    def set_password_hash(self, voter: int, password_hash: str, *, epoch: int, at: datetime) -> str:
        swap_in_epoch(
            self.connection,
            self.rows,
            VOTERS,
            voter,
            epoch=epoch,
            values={"password": password_hash, "password_set": at, "epoch": epoch + 1},
        )
        return self.rows.credential_digest(voter, password_hash)

    def store_rehashed_password(self, voter: int, password_hash: str, *, epoch: int) -> str:
        swap_in_epoch(self.connection, self.rows, VOTERS, voter, epoch=epoch, values={"password": password_hash})
        return self.rows.credential_digest(voter, password_hash)

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        swap_in_epoch(self.connection, self.rows, VOTERS, voter, epoch=epoch, values={"frozen": at, "epoch": epoch + 1})

    def unfreeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        ended = dict.fromkeys(("frozen", "password", "password_set"))
        swap_in_epoch(
            self.connection, self.rows, VOTERS, voter, epoch=epoch, values={**ended, "reopened": at, "epoch": epoch + 1}
        )

    def frozen(self, limit: int) -> list[VoterListEntry]:
        return structs_of_rows(VoterListEntry, self.connection.execute(FROZEN_VOTERS, {"most": limit}))

    def matches(self, voter: int, *, birth_date_digest: bytes, numen_digest: bytes) -> bool:
        present = self._protected_part(voter)
        if present is None:
            return False
        birth_date_matches = compare_digest(present["birth_date_digest"], birth_date_digest)
        return compare_digest(present["numen_digest"], numen_digest) & birth_date_matches  # always compare both

    def first_verifier(self, voter: int) -> str | None:
        present = self._protected_part(voter)
        return None if present is None else present["first_verifier"]

    def _protected_part(self, voter: int) -> dict[str, Any] | None:
        row = self.connection.execute(PROTECTED_PART, {"voter": voter}).first()
        return None if row is None else self.rows.open_row(VOTERS, row)

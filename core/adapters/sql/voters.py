"""The port Voters."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Any

from sqlalchemy import bindparam, select

from core.adapters.sql.directory import LISTED
from core.adapters.sql.moves import compare_and_swap
from core.adapters.sql.prepared import Prepared, Row, record
from core.adapters.sql.tables import FROZEN, PRESENT, voters
from core.ports import Listed, Voter
from core.text import Language

VOTER = tuple(voters.c[name] for name in Voter.__struct_fields__)
COLUMNS = select(*VOTER)
BY_ADDRESS = COLUMNS.where(PRESENT, voters.c.email == bindparam("key"))
BY_ID = COLUMNS.where(voters.c.id == bindparam("voter"))
LOCKED = select(voters.c.id).where(voters.c.id == bindparam("voter")).with_for_update()

FROZEN_ONES = LISTED.where(FROZEN).order_by(voters.c.frozen.desc(), voters.c.id.desc()).limit(bindparam("most"))
DIGESTS = select(voters.c.birth_date_digest, voters.c.numen_digest).where(voters.c.id == bindparam("voter"))

FIRST_VERIFIER = select(voters.c.first_verifier).where(voters.c.id == bindparam("voter"))


class SqlVoters:
    """The roll and its accesses."""

    def __init__(self, run: Prepared) -> None:
        self._run = run

    def by_address(self, key: str) -> Voter | None:
        return _voter(self._run.row(BY_ADDRESS, {"key": key}))

    def by_id(self, voter: int) -> Voter | None:
        return _voter(self._run.row(BY_ID, {"voter": voter}))

    def lock(self, voter: int) -> None:
        self._run.write(LOCKED, {"voter": voter})

    def choose_password(self, voter: int, password: str, *, epoch: int, at: datetime) -> None:
        self._swap(voter, epoch, {"password": password, "password_set": at, "epoch": epoch + 1})

    def rehash(self, voter: int, password: str, *, epoch: int) -> None:
        self._swap(voter, epoch, {"password": password})

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        self._swap(voter, epoch, {"frozen": at, "epoch": epoch + 1})

    def unfreeze(self, voter: int, *, epoch: int) -> None:
        self._swap(voter, epoch, {"frozen": None, "password": None, "password_set": None, "epoch": epoch + 1})

    def frozen(self, limit: int) -> list[Listed]:
        return [record(Listed, row) for row in self._run.rows(FROZEN_ONES, {"most": limit})]

    def matches(self, voter: int, *, birth_date: bytes, numen: bytes) -> bool:
        row = self._run.row(DIGESTS, {"voter": voter})
        if row is None:
            return False
        of_birth_date, of_numen = map(bytes, row)
        return compare_digest(of_birth_date, birth_date) & compare_digest(of_numen, numen)  # both, whichever is wrong

    def first_verifier(self, voter: int) -> str | None:
        row = self._run.row(FIRST_VERIFIER, {"voter": voter})
        return None if row is None else row[0]

    def _swap(self, voter: int, epoch: int, values: Mapping[str, object]) -> None:
        compare_and_swap(self._run, voters.c.id, voter, version=voters.c.epoch, expected=epoch, values=values)


def _voter(row: Row | None) -> Voter | None:
    return None if row is None else voter_in(row)


def voter_in(row: Sequence[Any]) -> Voter:
    """The voter whose fields a row's columns are, in their order."""
    columns = dict(zip(Voter.__struct_fields__, row, strict=True))
    return Voter(**{**columns, "language": Language(columns["language"])})

"""The port Voters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from core.adapters.sql.directory import LISTED, listed
from core.adapters.sql.moves import compare_and_swap
from core.adapters.sql.tables import FROZEN, PRESENT, voters
from core.ports import Listed, Voter
from core.text import Language

COLUMNS = select(
    voters.c.id,
    voters.c.email,
    voters.c.last_name,
    voters.c.first_name,
    voters.c.language,
    voters.c.epoch,
    voters.c.password,
    voters.c.password_set,
    voters.c.frozen,
    voters.c.removed,
)
BY_ADDRESS = COLUMNS.where(PRESENT, voters.c.email == bindparam("key"))
BY_ID = COLUMNS.where(voters.c.id == bindparam("voter"))
LOCKED = select(voters.c.id).where(voters.c.id == bindparam("voter")).with_for_update()

FROZEN_ONES = LISTED.where(FROZEN).order_by(voters.c.frozen.desc(), voters.c.id.desc()).limit(bindparam("most"))
DIGESTS = select(voters.c.birth_date_digest, voters.c.numen_digest).where(voters.c.id == bindparam("voter"))


class SqlVoters:
    """The roll and its accesses."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_address(self, key: str) -> Voter | None:
        return _voter(self._connection.execute(BY_ADDRESS, {"key": key}).one_or_none())

    def by_id(self, voter: int) -> Voter | None:
        return _voter(self._connection.execute(BY_ID, {"voter": voter}).one_or_none())

    def lock(self, voter: int) -> None:
        self._connection.execute(LOCKED, {"voter": voter})

    def choose_password(self, voter: int, password: str, *, epoch: int, at: datetime) -> None:
        self._swap(voter, epoch, {"password": password, "password_set": at, "epoch": epoch + 1})

    def rehash(self, voter: int, password: str, *, epoch: int) -> None:
        self._swap(voter, epoch, {"password": password})

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        self._swap(voter, epoch, {"frozen": at, "epoch": epoch + 1})

    def unfreeze(self, voter: int, *, epoch: int) -> None:
        self._swap(voter, epoch, {"frozen": None, "password": None, "password_set": None, "epoch": epoch + 1})

    def frozen(self, limit: int) -> list[Listed]:
        return [listed(row) for row in self._connection.execute(FROZEN_ONES, {"most": limit})]

    def matches(self, voter: int, *, birth_date: bytes, numen: bytes) -> bool:
        row = self._connection.execute(DIGESTS, {"voter": voter}).one_or_none()
        return row is not None and (bytes(row.birth_date_digest), bytes(row.numen_digest)) == (birth_date, numen)

    def _swap(self, voter: int, epoch: int, values: Mapping[str, object]) -> None:
        compare_and_swap(self._connection, voters.c.id, voter, version=voters.c.epoch, expected=epoch, values=values)


def _voter(row: Row[*tuple[Any, ...]] | None) -> Voter | None:
    if row is None:
        return None
    columns = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's documented way to a mapping
    return Voter(**{**columns, "language": Language(columns["language"])})

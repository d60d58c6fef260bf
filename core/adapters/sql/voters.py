"""The port Voters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from core.adapters.sql.moves import compare_and_swap
from core.adapters.sql.tables import PRESENT, voters
from core.ports import Voter
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

    def _swap(self, voter: int, epoch: int, values: Mapping[str, object]) -> None:
        compare_and_swap(self._connection, voters.c.id, voter, version=voters.c.epoch, expected=epoch, values=values)


def _voter(row: Row[*tuple[Any, ...]] | None) -> Voter | None:
    if row is None:
        return None
    return voter_in(dict(row._mapping))  # noqa: SLF001  # SQLAlchemy's documented way to a mapping


def voter_in(columns: Mapping[str, Any]) -> Voter:
    """The voter that a row's columns are of."""
    return Voter(**{**columns, "language": Language(columns["language"])})

"""The digest of what the roll tells of all voters, by which the journal knows how the last import left them."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import select

from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import voters

FROM_ROLL = ("id", "email", "birth_date_digest", "numen_digest", "pseudonym", "removed")
"""The columns that an import alone changes. Those that a purge erases are left out."""
STATED = select(*(voters.c[name] for name in FROM_ROLL)).order_by(voters.c.id)
_encode = msgspec.msgpack.Encoder().encode


class RollDigest:
    """Computes the digest of the voters' rows, which are given in the order of their numbers."""

    def __init__(self) -> None:
        self._hash = sha256()

    def add(self, values: Sequence[Any]) -> None:
        """Add the values of FROM_ROLL of the next voter."""
        self._hash.update(_encode(tuple(values)))

    def keyed(self, rows: RowAuthenticator) -> str:
        """Return the digest of all voters that were added."""
        return rows.roll_digest(self._hash.digest())

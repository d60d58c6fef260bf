"""The digest of what the roll tells of all voters, by which the journal knows how the last import left them."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import select

from core.adapters.sql.row_authentication import DIGEST_SYMBOLS, RowAuthenticator
from core.adapters.sql.tables import voters

FROM_ROLL = ("id", "email", "birth_date_digest", "numen_digest", "pseudonym", "removed")
"""The columns that an import alone changes."""
ERASABLE = ("phone_digest", "first_verifier")
"""The columns that an import changes and a purge erases."""
STATED = select(*(voters.c[name] for name in (*FROM_ROLL, *ERASABLE))).order_by(voters.c.id)
_encode = msgspec.msgpack.Encoder().encode


class RollDigest:
    """Computes the digest of the voters' rows, which are given in the order of their numbers."""

    def __init__(self) -> None:
        self._lasting, self._erasable = sha256(), sha256()

    def add(self, values: Sequence[Any]) -> None:
        """Add the values of FROM_ROLL and ERASABLE of the next voter."""
        self._lasting.update(_encode(tuple(values[: len(FROM_ROLL)])))
        self._erasable.update(_encode(tuple(values[len(FROM_ROLL) :])))

    def keyed_digest_of_all_voters(self, rows: RowAuthenticator) -> str:
        """Return the digest of all voters that were added: of what lasts, then of what a purge erases."""
        return rows.roll_digest(self._lasting.digest()) + rows.roll_digest(b"erasable " + self._erasable.digest())

    def agrees_with(self, told: str, rows: RowAuthenticator, *, erased: bool) -> bool:
        """Tell whether an import left the voters so; a former version's digest is of what lasts alone."""
        return (
            self.keyed_digest_of_all_voters(rows)[: DIGEST_SYMBOLS if erased else len(told)]
            == told[: DIGEST_SYMBOLS if erased else None]
        )

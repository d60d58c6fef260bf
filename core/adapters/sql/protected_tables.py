"""Lists the tables and columns that an authentication tag protects."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Table, or_, true

from core.adapters.sql.tables import (
    PARKED,
    WAITING,
    agents,
    incidents,
    links,
    outbox,
    phone_claims,
    reissues,
    sessions,
    signature_requests,
    voters,
)

MAC = "mac"


@dataclass(frozen=True, eq=False)
class ProtectedTable:
    table: Table
    key: str
    deciding: tuple[str, ...]
    examined: ColumnElement[bool] = field(default_factory=true)
    """SQL condition that selects the rows to examine."""
    credential: bool = False

    @cached_property
    def name(self) -> str:
        return str(self.table.name)

    @cached_property
    def covered(self) -> tuple[str, ...]:
        return (self.key, *self.deciding)

    @cached_property
    def columns(self) -> tuple[Column[Any], ...]:
        """The columns that the authentication tag covers, followed by the tag's column."""
        return tuple(self.table.c[name] for name in (*self.covered, MAC))

    @cached_property
    def derived_columns(self) -> tuple[str, ...]:
        return ("password", MAC) if self.credential else (MAC,)


@cache
def uncovered_fields(protected: ProtectedTable, kind: type[msgspec.Struct]) -> tuple[str, ...]:
    return tuple(name for name in kind.__struct_fields__ if name not in protected.covered)


def columns_of_struct(protected: ProtectedTable, kind: type[msgspec.Struct]) -> tuple[Column[Any], ...]:
    """Return the columns that are needed to authenticate a row and convert it to a struct."""
    return (*protected.columns, *(protected.table.c[name] for name in uncovered_fields(protected, kind)))


VOTERS = ProtectedTable(
    voters,
    "id",
    (
        "email",
        "last_name",
        "first_name",
        "birth_date_digest",
        "numen_digest",
        "pseudonym",
        "phone_digest",
        "first_verifier",
        "epoch",
        "password",
        "password_set",
        "frozen",
        "reopened",
        "removed",
    ),
    credential=True,
)
# An agent's last TOTP step is not covered: it matters for half a minute only, and codes cannot be made without the
# secret.
AGENTS = ProtectedTable(agents, "name", ("id", "role", "password", "secret", "first", "epoch", "added", "removed"))
# The first fields of LinkRecord. The times of opening and use are not covered: the voter's epoch ends a link.
LINKS = ProtectedTable(links, "digest", ("case", "voter", "epoch", "expires", "kind"))
SESSIONS = ProtectedTable(sessions, "digest", ("voter", "epoch", "expires"))
PHONE_CLAIMS = ProtectedTable(phone_claims, "phone", ("voter", "at"))
REISSUES = ProtectedTable(reissues, "case", ("voter", "slot", "generation", "began", "ended"))
SIGNATURE_REQUESTS = ProtectedTable(
    signature_requests,
    "id",
    (
        *("act", "voter", "epoch", "agent", "session", "reason", "asked", "until", "state"),
        *("supervisor", "signer_epoch", "version"),
    ),
)
# A message's body is encrypted for its row. The other columns change at each attempt.
OUTBOX = ProtectedTable(
    outbox, "uid", ("kind", "case", "voter", "created", "useful_until"), examined=or_(WAITING, PARKED)
)
INCIDENTS = ProtectedTable(
    incidents, "id", ("scope", "subject", "sentence", "minutes", "began", "until", "ended", "author")
)
PROTECTED: Sequence[ProtectedTable] = (
    VOTERS,
    AGENTS,
    LINKS,
    SESSIONS,
    PHONE_CLAIMS,
    REISSUES,
    SIGNATURE_REQUESTS,
    OUTBOX,
    INCIDENTS,
)

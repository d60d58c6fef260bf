"""Authenticates protected rows, so that somebody with write access to the database cannot forge or copy them.

Each row carries a tag over its table, its identity and its covered columns: AES-GCM without plaintext, i.e. GMAC (NIST
SP 800-38D), under a separate subkey. The tag names its key, so rotation works as for sealed values. A voter's password
hash is also sealed, bound to the voter and the epoch: without the key it can be neither cracked nor moved.
"""

import time
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import structlog

from core.adapters.key_vault import key_id_of
from core.adapters.sql.protected_tables import AGENTS, MAC, VOTERS, ProtectedTable, uncovered_fields
from core.adapters.sql.structs import struct_of_row
from core.ports import ProcessMeasurements, Vault
from core.security import key_purposes

DIGEST_SYMBOLS = 32
TOLD_AGAIN_SECONDS = 60.0
"""Minimum time between reports about a table, to avoid a transaction at every read.

The database limits the alarm too.
"""
OWNER = b"%d %d"
"""The voter and the epoch to which a sealed credential is bound."""
Values = Mapping[str, Any]
T = TypeVar("T", bound=msgspec.Struct)
log = structlog.get_logger()
_encode = msgspec.msgpack.Encoder().encode


class RowAuthenticator:
    """Makes and checks the tags of rows, and seals and opens credentials."""

    def __init__(self, vault: Vault, measures: ProcessMeasurements | None = None) -> None:
        self.vault = vault
        self._measures = measures or ProcessMeasurements()
        self._altered = dict[str, float]()
        """Tables with refused rows, and when each may be reported again."""
        self.altered_tables = set[str]()
        """Tables whose refused rows must be reported now."""

    def compute_tag(self, protected: ProtectedTable, values: Sequence[Any]) -> bytes:
        """Return the tag of a row, given its covered values in order.

        Covers the table's name and the values, encoded as MessagePack with type and length.
        """
        return self.vault.seal(key_purposes.ROW, b"", context=_encode((protected.name, *values)))

    def has_valid_tag(self, protected: ProtectedTable, values: Sequence[Any], mac: bytes | None) -> bool:
        """Return whether the row carries a valid tag."""
        content = _encode((protected.name, *values))
        return mac is not None and self.vault.open(key_purposes.ROW, mac, context=content) == b""

    def report_altered_row(self, protected: ProtectedTable, identity: object) -> None:
        """Count and log a row that fails authentication.

        Names voters and agents only, because other keys are digests.
        """
        named = {"row": identity} if protected in (VOTERS, AGENTS) else {}
        log.error("row-not-authentic", table=protected.name, **named)
        self._measures.count_refused_row(protected.name)
        if time.monotonic() >= self._altered.get(protected.name, 0.0):
            self._altered[protected.name] = time.monotonic() + TOLD_AGAIN_SECONDS
            self.altered_tables.add(protected.name)

    def with_mac(self, protected: ProtectedTable, values: Values) -> dict[str, Any]:
        """Return the values with the tag. They must contain every covered column."""
        return {**values, MAC: self.compute_tag(protected, [values[name] for name in protected.covered])}

    def open_row(self, protected: ProtectedTable, row: Sequence[Any], *, alarm: bool = True) -> dict[str, Any] | None:
        *values, mac = row
        named = dict(zip(protected.covered, values, strict=True))
        fits = self.has_valid_tag(protected, values, mac)
        if fits and protected.credential and named["password"] is not None:
            sealed, context = sealed_bytes(named["password"]), OWNER % (named["id"], named["epoch"])
            hashed = self.vault.open(key_purposes.CREDENTIAL, sealed, context=context)
            named["password"], fits = None if hashed is None else hashed.decode(), hashed is not None
        if not fits and alarm:
            self.report_altered_row(protected, values[0])
        return named if fits else None

    def open_struct(self, kind: type[T], protected: ProtectedTable, row: Sequence[Any] | None) -> T | None:
        """Make a struct from a row of `columns_of_struct`.

        Return None if the row is missing or fails authentication.
        """
        end = len(protected.columns)
        clear = None if row is None else self.open_row(protected, row[:end])
        if row is None or clear is None:
            return None
        clear.update(zip(uncovered_fields(protected, kind), row[end:], strict=True))
        return struct_of_row(kind, [clear[name] for name in kind.__struct_fields__])

    def seal_row(self, protected: ProtectedTable, clear: Values) -> dict[str, Any]:
        """Return the row as stored, with sealed credential and tag."""
        stored = {name: clear[name] for name in protected.covered}
        hashed = stored["password"] if protected.credential else None
        if hashed is None:
            return {**stored, MAC: self.compute_tag(protected, tuple(stored.values()))}
        context = OWNER % (stored["id"], stored["epoch"])
        while True:
            sealed = self.vault.seal(key_purposes.CREDENTIAL, hashed.encode(), context=context)
            stored["password"] = b64encode(sealed).decode()
            tag = self.compute_tag(protected, tuple(stored.values()))
            if key_id_of(tag) == key_id_of(sealed):  # otherwise the key was rotated in between
                return {**stored, MAC: tag}

    def credential_digest(self, voter: int, hashed: str) -> str:
        """Return the keyed digest of a credential for the journal.

        It does not depend on the current key or the epoch.
        """
        return self.vault.digest(key_purposes.CREDENTIAL_DIGEST, f"{voter} {hashed}".encode()).hex()[:DIGEST_SYMBOLS]

    def roll_digest(self, content: bytes) -> str:
        """Return the keyed digest of a roll for the journal."""
        return self.vault.digest(key_purposes.CREDENTIAL_DIGEST, b"roll " + content).hex()[:DIGEST_SYMBOLS]


def sealed_bytes(stored: str) -> bytes:
    """Return the sealed bytes of a stored credential, or empty bytes if it is malformed."""
    try:
        return b64decode(stored, validate=True)
    except ValueError:
        return b""

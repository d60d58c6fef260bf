"""Detects forged or copied database rows by their authentication tags (GMAC, NIST SP 800-38D)."""

import logging
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from core.adapters.event_signing import program_keys
from core.adapters.key_vault import key_id_of
from core.adapters.sql.protected_tables import AGENTS, MAC, VOTERS, ProtectedTable, uncovered_fields
from core.adapters.sql.structs import struct_of_row
from core.adapters.sql.tables import events
from core.journal.hash_chain import canonical_line_bytes
from core.journal.verifier import is_signed_event
from core.ports import JournalLine, ProcessMeasurements, Vault
from core.security import key_purposes
from core.security.key_roles import ProgramKeyRole, event_signing_purpose

DIGEST_SYMBOLS = 32
REPORT_INTERVAL_SECONDS = 60.0
"""Shortest time between two reports about the same table, in seconds."""
OWNER = b"%d %d"
Values = Mapping[str, Any]
T = TypeVar("T", bound=msgspec.Struct)
log = logging.getLogger("retrouve")
_encode = msgspec.msgpack.Encoder().encode


class RowAuthenticator:
    def __init__(
        self,
        vault: Vault,
        measures: ProcessMeasurements | None = None,
        program: ProgramKeyRole = ProgramKeyRole.OPERATOR,
    ) -> None:
        self.vault = vault
        self.program, self.event_purpose = program, event_signing_purpose(program)
        self._measures = measures or ProcessMeasurements()
        self._altered = dict[str, float]()
        self.altered_tables = set[str]()

    def compute_tag(self, protected: ProtectedTable, values: Sequence[Any]) -> bytes:
        return self.vault.seal(key_purposes.ROW, b"", context=_encode((protected.name, *values)))

    def has_valid_tag(self, protected: ProtectedTable, values: Sequence[Any], mac: bytes | None) -> bool:
        content = _encode((protected.name, *values))
        return mac is not None and self.vault.open(key_purposes.ROW, mac, context=content) == b""

    def report_altered_row(self, protected: ProtectedTable, identity: object) -> None:
        """Count and log a row that fails authentication. The log contains ids of voters and agents only."""
        self._report(protected.name, {"row": identity} if protected in (VOTERS, AGENTS) else {})

    def _report(self, table: str, named: Values) -> None:
        log.error("row-not-authentic", extra={"table": table, **named})
        self._measures.count_refused_row(table)
        if time.monotonic() >= self._altered.get(table, 0.0):
            self._altered[table] = time.monotonic() + REPORT_INTERVAL_SECONDS
            self.altered_tables.add(table)

    def is_genuine_line(self, line: JournalLine) -> bool:
        """Return whether one of the programs signed a journal line. Reports forged lines. Raises SubkeyNotHeldByRole."""
        genuine = is_signed_event(canonical_line_bytes(line), self._program_keys)
        if not genuine:
            self._report(events.name, {"row": line.number})
        return genuine

    @cached_property
    def _program_keys(self) -> Mapping[str, bytes]:
        return program_keys(self.vault)

    def with_mac(self, protected: ProtectedTable, values: Values) -> dict[str, Any]:
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
        """Convert a row to a struct. Returns None for a missing or forged row."""
        end = len(protected.columns)
        clear = None if row is None else self.open_row(protected, row[:end])
        if row is None or clear is None:
            return None
        clear.update(zip(uncovered_fields(protected, kind), row[end:], strict=True))
        return struct_of_row(kind, [clear[name] for name in kind.__struct_fields__])

    def seal_row(self, protected: ProtectedTable, clear: Values) -> dict[str, Any]:
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
        """Return a keyed digest of a password hash. Key rotations and new epochs do not change the digest."""
        return self.vault.digest(key_purposes.CREDENTIAL_DIGEST, f"{voter} {hashed}".encode()).hex()[:DIGEST_SYMBOLS]

    def roll_digest(self, content: bytes) -> str:
        return self.vault.digest(key_purposes.CREDENTIAL_DIGEST, b"roll " + content).hex()[:DIGEST_SYMBOLS]


def sealed_bytes(stored: str) -> bytes:
    try:
        return b64decode(stored, validate=True)
    except ValueError:
        return b""

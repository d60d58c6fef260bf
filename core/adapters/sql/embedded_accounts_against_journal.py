"""Examines the accounts of the embedded platform: whether the journal tells of each as it is."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, bindparam, select

from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import registry
from core.adapters.sql.voter_state_from_journal import VoterStateFromJournal
from core.journal.protected_row_findings import RowFinding, RowFindingKind
from core.security.pseudonyms_on_platform import MARK_BYTES

ACCOUNTS = select(registry.c.voter, registry.c.generation, registry.c.salt, registry.c.verifier).where(
    registry.c.voter.in_(bindparam("whose", expanding=True))
)


def embedded_account_findings(
    connection: Connection,
    rows: RowAuthenticator,
    whose: Mapping[int, str],
    histories: Mapping[int, VoterStateFromJournal],
) -> Iterator[RowFinding]:
    """Yield the accounts of the embedded platform that are not as the journal tells; one without a row has its first identifier."""
    found = connection.execute(ACCOUNTS, {"whose": list(whose.values())}).all()
    kept = {row.voter: row for row in found}
    for voter, pseudonym in whose.items():
        row, history = kept.get(pseudonym), histories.get(voter, VoterStateFromJournal())
        if row is None:
            agrees = history.agrees_with_platform_account(0, "")
        else:
            account = row.generation, bytes(row.salt), bytes(row.verifier)
            agrees = history.agrees_with_platform_account(row.generation, rows.account_digest(pseudonym, *account))
        if not agrees:
            kind = RowFindingKind.MISSING if row is None else RowFindingKind.DISAGREES
            yield RowFinding(kind=kind, table=registry.name, voter=voter)


def pseudonym_as_platform_writes_it(pseudonym: object) -> str:
    """Return the pseudonym as the platform knows it; empty for what is none."""
    return bytes(pseudonym)[MARK_BYTES:].hex() if isinstance(pseudonym, bytes | memoryview) else ""

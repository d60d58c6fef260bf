"""Checks protected rows against their authentication tags and the journal."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from core.adapters.sql.database_check import (
    DatabasePropertyName,
    is_authentic_announcement,
    read_properties,
)
from core.adapters.sql.protected_tables import (
    AGENTS,
    INCIDENTS,
    LINKS,
    OUTBOX,
    PHONE_CLAIMS,
    PROTECTED,
    REISSUES,
    SESSIONS,
    SIGNATURE_REQUESTS,
    VOTERS,
    ProtectedTable,
)
from core.adapters.sql.roll import ERASABLE, FROM_ROLL, RollDigest
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.row_history import (
    AgentAndPurgeHistory,
    agent_history,
    roll_digest_in_journal,
    voter_histories,
    voters_of_stored_closed_sessions,
)
from core.adapters.sql.tables import links, properties, registry, reissues, voters
from core.adapters.sql.voter_history import VoterStateFromJournal
from core.journal.protected_row_findings import ROLL, RowFinding, RowFindingKind
from core.ports import ErasableDataKind
from core.security.digests import KEY_MARK_BYTES, phone_claim_digest
from core.security.voting_identifiers import account_digest

BATCH_ROWS = 5_000
PSEUDONYM_SYMBOLS = 16
LAST_NUMBER = 1 << 62
FINDING_FIELDS = {"voter": "voter", "case": "case", "name": "agent"}
VOTERS_AFTER = (
    select(*VOTERS.columns).where(voters.c.id > bindparam("after")).order_by(voters.c.id).limit(bindparam("most"))
)
PSEUDONYM_INDEX = VOTERS.covered.index("pseudonym")
PICK_FROM_ROLL = itemgetter(*map(VOTERS.covered.index, (*FROM_ROLL, *ERASABLE)))
PURGED_WITH: Mapping[ProtectedTable, tuple[ErasableDataKind, str]] = {
    LINKS: (ErasableDataKind.LINKS, "expires"),
    PHONE_CLAIMS: (ErasableDataKind.PHONES, "at"),
    REISSUES: (ErasableDataKind.ADDRESSES, "began"),
    SIGNATURE_REQUESTS: (ErasableDataKind.CALLS, "asked"),
}
"""The purge that deletes old rows of each table, and the column with the date of a row."""
REISSUES_OF_VOTERS = select(*REISSUES.columns).where(
    reissues.c.voter > bindparam("after"), reissues.c.voter <= bindparam("last")
)
CASES_OF_LINKS = select(links.c.case).where(links.c.voter > bindparam("after"), links.c.voter <= bindparam("last"))
PLATFORM_ACCOUNTS = select(registry).where(registry.c.voter.in_(bindparam("pseudonyms", expanding=True)))
ERASED_COLUMNS = {ErasableDataKind.PHONES: "phone_digest", ErasableDataKind.PASSWORDS: "first_verifier"}
"""The voter column that each kind of purge erases."""
Row = Sequence[Any]
NEVER = datetime.min.replace(tzinfo=UTC)


def count_protected_rows(connection: Connection) -> int:
    return sum(
        connection.execute(select(func.count()).select_from(each.table).where(each.examined)).scalar_one()
        for each in PROTECTED
    )


@dataclass
class ProtectedRowExaminer:
    connection: Connection
    rows: RowAuthenticator
    journal: bool = True
    embedded_platform: bool = True
    progress: Callable[[int], None] = lambda _: None
    examined: int = 0
    claimants: set[int] = field(default_factory=set)
    claims: set[str] = field(default_factory=set)
    altered: set[str] = field(default_factory=set)
    roll: RollDigest = field(default_factory=RollDigest)
    every_voter_authentic: bool = True

    def findings(self) -> Iterator[RowFinding]:
        recorded = agent_history(self.connection) if self.journal else None
        announced = read_properties(self.connection).get(DatabasePropertyName.NEWEST_KEY)
        if announced is not None and not is_authentic_announcement(announced, self.rows.vault):
            yield RowFinding(kind=RowFindingKind.ALTERED, table=properties.name)
        for protected in (LINKS, SESSIONS, PHONE_CLAIMS, REISSUES, SIGNATURE_REQUESTS, AGENTS, OUTBOX, INCIDENTS):
            for row in self._all(protected):
                yield from self._finding_of(protected, row, recorded)
        if recorded is not None:
            present = self.connection.execute(select(AGENTS.table.c.name)).scalars()
            for name in sorted(recorded.roles.keys() - set(present)):
                yield RowFinding(kind=RowFindingKind.MISSING, table=AGENTS.name, agent=name)
            for voter in voters_of_stored_closed_sessions(self.connection, BATCH_ROWS):
                yield RowFinding(kind=RowFindingKind.DISAGREES, table=SESSIONS.name, voter=voter)
        yield from self._voters(recorded)
        if recorded is None or not self.every_voter_authentic:
            return
        digest = roll_digest_in_journal(self.connection)
        if digest is None:
            return
        erased = not recorded.since_import.isdisjoint(ERASED_COLUMNS)
        if not self.roll.agrees_with(digest, self.rows, erased=erased):
            yield RowFinding(kind=RowFindingKind.DISAGREES, table=ROLL)

    def _all(self, protected: ProtectedTable) -> Iterator[Row]:
        found = self.connection.execute(
            select(*protected.columns).where(protected.examined), execution_options={"yield_per": BATCH_ROWS}
        )
        for part in found.partitions():
            yield from part
            self._count(len(part))

    def _finding_of(
        self, protected: ProtectedTable, row: Row, recorded: AgentAndPurgeHistory | None
    ) -> Iterator[RowFinding]:
        named = dict(zip(protected.covered, row, strict=False))
        if not self.rows.has_valid_tag(protected, row[:-1], row[-1]):
            self.altered |= {named["case"]} if protected is REISSUES else set()
            yield _finding(RowFindingKind.ALTERED, protected, named)
        elif recorded is not None and (
            (protected is AGENTS and not recorded.allows_agent(named)) or _is_purged(protected, named, recorded)
        ):
            yield _finding(RowFindingKind.DISAGREES, protected, named)
        elif protected is PHONE_CLAIMS:
            self.claimants.add(named["voter"])
            if recorded is not None:
                self.claims.add(phone_claim_digest(self.rows.vault, named["voter"], named["phone"]))

    def _voters(self, recorded: AgentAndPurgeHistory | None) -> Iterator[RowFinding]:
        after = 0
        while True:
            found = self.connection.execute(VOTERS_AFTER, {"after": after, "most": BATCH_ROWS}).all()
            last = found[-1][0] if found else LAST_NUMBER
            histories = {} if recorded is None else voter_histories(self.connection, after, last)
            for row in found:
                self.roll.add(PICK_FROM_ROLL(row))
                yield from self._finding_of_voter(row, histories.get(row[0]), recorded)
            if recorded is not None and self.embedded_platform:
                pseudonyms = {row[0]: pseudonym_as_platform_writes_it(row[PSEUDONYM_INDEX]) for row in found}
                yield from embedded_account_findings(self.connection, self.rows, pseudonyms, histories)
            yield from self._missing(histories, {row[0] for row in found}, (after, last), recorded)
            self._count(len(found))
            if not found:
                return
            after = last

    def _finding_of_voter(
        self, row: Row, history: VoterStateFromJournal | None, recorded: AgentAndPurgeHistory | None
    ) -> Iterator[RowFinding]:
        clear = self.rows.open_row(VOTERS, row, alarm=False)
        if clear is None:
            self.every_voter_authentic = False
            yield _finding(RowFindingKind.ALTERED, VOTERS, dict(zip(VOTERS.covered, row, strict=False)))
        elif recorded is not None:
            history, password = history or VoterStateFromJournal(), clear["password"]
            digest = None if password is None else self.rows.credential_digest(clear["id"], password)
            agrees = history.is_consistent_with(clear, digest, purged=recorded.purged.get(ErasableDataKind.PASSWORDS))
            if not agrees or any(
                clear[ERASED_COLUMNS[kind]] is not None for kind in recorded.since_import & ERASED_COLUMNS.keys()
            ):
                yield _finding(RowFindingKind.DISAGREES, VOTERS, clear)

    def _missing(
        self,
        histories: Mapping[int, VoterStateFromJournal],
        present: set[int],
        between: tuple[int, int],
        recorded: AgentAndPurgeHistory | None,
    ) -> Iterator[RowFinding]:
        if recorded is None:
            return
        after, last = between
        found = self.connection.execute(REISSUES_OF_VOTERS, {"after": after, "last": last}).mappings()
        kept = {row["case"]: dict(row) for row in found}
        mailed = Counter(self.connection.execute(CASES_OF_LINKS, {"after": after, "last": last}).scalars())
        for voter, history in sorted(histories.items()):
            if voter not in present:
                yield RowFinding(kind=RowFindingKind.MISSING, table=VOTERS.name, voter=voter)
            for protected, cases in (
                (REISSUES, history.reissued.keys() - kept.keys()),
                (LINKS, history.links - mailed),
            ):
                purged = recorded.purged.get(PURGED_WITH[protected][0], NEVER)
                for case in sorted(case for case in cases if history.latest[case] > purged):
                    yield RowFinding(kind=RowFindingKind.MISSING, table=protected.name, voter=voter, case=case)
            for case, reissued in sorted(history.reissued.items()):
                if case in kept and case not in self.altered and not reissued.is_consistent_with(kept[case]):
                    yield _finding(RowFindingKind.DISAGREES, REISSUES, kept[case])
            claimed = voter in self.claimants and history.claims <= self.claims
            purged = recorded.purged.get(ErasableDataKind.PHONES, NEVER)
            if history.accepted is not None and history.accepted > purged and not claimed:
                yield RowFinding(kind=RowFindingKind.MISSING, table=PHONE_CLAIMS.name, voter=voter)

    def _count(self, rows: int) -> None:
        self.examined += rows
        self.progress(rows)


def embedded_account_findings(
    connection: Connection,
    rows: RowAuthenticator,
    pseudonyms: Mapping[int, str],
    histories: Mapping[int, VoterStateFromJournal],
) -> Iterator[RowFinding]:
    found = connection.execute(PLATFORM_ACCOUNTS, {"pseudonyms": list(pseudonyms.values())}).all()
    kept = {row.voter: row for row in found}
    for voter, pseudonym in pseudonyms.items():
        row, history = kept.get(pseudonym), histories.get(voter, VoterStateFromJournal())
        if row is None:
            agrees = history.agrees_with_platform_account(0, "")
        else:
            account = row.generation, bytes(row.salt), bytes(row.verifier)
            agrees = history.frozen_on_platform == row.frozen and history.agrees_with_platform_account(
                row.generation, account_digest(rows.vault, pseudonym, *account)
            )
        if not agrees:
            kind = RowFindingKind.MISSING if row is None else RowFindingKind.DISAGREES
            yield RowFinding(kind=kind, table=registry.name, voter=voter)


def pseudonym_as_platform_writes_it(pseudonym: object) -> str:
    """Return a pseudonym in the voting platform's format, or an empty string if invalid."""
    return bytes(pseudonym)[KEY_MARK_BYTES:].hex() if isinstance(pseudonym, bytes | memoryview) else ""


def _is_purged(protected: ProtectedTable, named: Mapping[str, Any], recorded: AgentAndPurgeHistory) -> bool:
    if protected not in PURGED_WITH:
        return False
    kind, column = PURGED_WITH[protected]
    return kind in recorded.purged and bool(named[column] <= recorded.purged[kind])


def _finding(kind: RowFindingKind, protected: ProtectedTable, named: Mapping[str, Any]) -> RowFinding:
    if protected is VOTERS:
        shown = pseudonym_as_platform_writes_it(named["pseudonym"])[:PSEUDONYM_SYMBOLS] or None
        return RowFinding(kind=kind, table=VOTERS.name, voter=named["id"], pseudonym=shown)
    known = {field: named[column] for column, field in FINDING_FIELDS.items() if column in named}
    return RowFinding(kind=kind, table=protected.name, **known)

"""Verifies the journal with the same code that the electoral board uses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from core.journal import hash_chain, verifier
from core.journal.verification_findings import JournalFinding, JournalFindingKind, journal_finding
from core.journal.verifier import ChainCheck, CheckpointStatement, Finding, PublicKeys
from core.ports import Backlog, JournalChain

Progress = Callable[[int], None]
STEP = 1_000
MOST_UNSEALED = 1_000_000


@dataclass
class JournalVerifier:
    """Compares the journal with all checkpoints. Read all `findings` before you read other results."""

    chain: JournalChain
    keys: PublicKeys
    outside: Sequence[tuple[CheckpointStatement, bytes]] = ()
    progress: Progress = lambda _: None
    check: ChainCheck = field(init=False)
    tail: Backlog = field(init=False)

    def __post_init__(self) -> None:
        self.check = ChainCheck(self.keys)
        self.tail = self.chain.count_unsealed()

    def findings(self) -> Iterator[JournalFinding]:
        yield from map(journal_finding, self._findings_of_chain())
        for line in self.chain.lines_outside_chain():
            text = hash_chain.canonical_line_bytes(line)
            yield journal_finding(Finding(JournalFindingKind.SLIPPED_IN, line=line.number, text=text))
        for line in self.chain.unsealed(self.chain.end(), limit=MOST_UNSEALED):
            if not line.genuine:
                text = hash_chain.canonical_line_bytes(line)
                yield journal_finding(Finding(JournalFindingKind.UNSIGNED_TAIL, line=line.number, text=text))

    def _findings_of_chain(self) -> Iterator[Finding]:
        for stored in self.chain.checkpoints():
            yield from self.check.add_own(stored.number, verifier.parse_statement(stored.statement), stored.signature)
        for statement, signature in self.outside:
            yield from self.check.add(statement, signature)
        yield from self.check.findings(self._lines())

    def _lines(self) -> Iterator[tuple[int, int, bytes | None, bytes]]:
        for seal, line in self.chain.seals():
            text = None if line is None else hash_chain.canonical_line_bytes(line)
            yield seal.position, seal.line, text, seal.digest
            if not seal.position % STEP:
                self.progress(STEP)

"""Verifies the journal: walks along the chain once, keeping a few lines in memory, and reports what does not match and where.

After a line that does not match, it goes on from what is stored and from what was computed: one change is one finding.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.journal import checkpoints, hash_chain
from core.journal.checkpoints import CheckpointStatement
from core.journal.declared_losses import DeclaredLosses
from core.journal.verification_findings import JournalFinding, JournalFindingKind, finding_of_line
from core.ports import Backlog, Checkpoint, EventType, JournalChain, JournalLine, JournalLineSeal

Progress = Callable[[int], None]
STEP = 1_000


@dataclass
class ChainVerificationState:
    """The state of a walk along the chain: the `place` of the last seal, its possible digests, and what is attested later."""

    attested: dict[int, list[CheckpointStatement]]
    place: int = 0
    digests: tuple[bytes, ...] = (hash_chain.GENESIS,)
    """The possible digests of the last place: several after a mismatch, none after missing places."""
    at: datetime | None = None
    confirmed: int = 0
    """The last place on which a checkpoint and the chain agree."""
    made: int = 0
    """The highest checkpoint that the journal says was made."""
    losses: DeclaredLosses = field(default_factory=DeclaredLosses)
    """The losses that the journal declares."""
    contradicting: list[tuple[JournalFinding, CheckpointStatement]] = field(default_factory=list)
    """Checkpoints that attest something other than the chain holds, whether or not the loss is declared."""
    agreeing: list[CheckpointStatement] = field(default_factory=list)

    def check_lines(
        self, chain: Iterable[tuple[JournalLineSeal, JournalLine | None]], progress: Progress
    ) -> Iterator[JournalFinding]:
        """Walk to the chain's end."""
        for seal, line in chain:
            if seal.position != self.place + 1:
                yield JournalFinding(
                    kind=JournalFindingKind.PLACES_GONE, place=self.place + 1, last=seal.position - 1, at=self.at
                )
                self.digests = ()
            yield from self._step(seal, line)
            if not self.place % STEP:
                progress(STEP)
        self._note_what_is_beyond()

    def _step(self, seal: JournalLineSeal, line: JournalLine | None) -> Iterator[JournalFinding]:
        self.place = seal.position
        if line is None:
            yield JournalFinding(kind=JournalFindingKind.LINE_GONE, place=self.place, line=seal.line, at=self.at)
            self.digests = (seal.digest,)
        else:
            text = hash_chain.canonical_line_bytes(line)
            expected = [hash_chain.chained_line_digest(before, text) for before in self.digests]
            fits = not expected or seal.digest in expected
            if not fits:
                yield finding_of_line(JournalFindingKind.DISAGREES, line, place=self.place)
            self.digests = (seal.digest,) if fits else (seal.digest, *expected)
            if fits:
                self._notice(line)
        self._confirm()

    def _notice(self, line: JournalLine) -> None:
        at, case = line.columns.get("at"), line.columns.get("case")
        self.at = at if isinstance(at, datetime) else self.at
        if line.act == EventType.CHECKPOINT_MADE and isinstance(case, str):
            self.made = max(self.made, checkpoints.checkpoint_number_of_case(case) or 0)
        if line.act == EventType.LOSS_DECLARED:
            self.losses.read_declaration_line(self.place, line)

    def _confirm(self) -> None:
        """Compare this place with the checkpoints that attest it."""
        for said in self.attested.get(self.place, ()):
            if said.digest in self.digests:
                self.confirmed = self.place
                self.agreeing.append(said)
            else:
                found = JournalFinding(
                    kind=JournalFindingKind.REWRITTEN, place=self.confirmed + 1, last=self.place, checkpoint=said.number
                )
                self.contradicting.append((found, said))

    def _note_what_is_beyond(self) -> None:
        for last in sorted(place for place in self.attested if place > self.place):
            for said in self.attested[last]:
                found = JournalFinding(
                    kind=JournalFindingKind.SHORTENED,
                    place=self.place + 1,
                    last=last,
                    at=self.at,
                    checkpoint=said.number,
                )
                self.contradicting.append((found, said))

    def undeclared_contradictions(self) -> Iterator[JournalFinding]:
        """Return what is wrong with declared losses, and the contradictions that none of them covers."""
        self.losses.begin_after_last_confirmed_checkpoint(self.agreeing)
        yield from self.losses.refused
        yield from (
            found for found, said in self.contradicting if self.losses.declaration_voiding_checkpoint(said) is None
        )


@dataclass
class JournalVerifier:
    """Compares the whole journal with its own checkpoints and those from outside. Read `findings` to the end first."""

    chain: JournalChain
    key: bytes
    outside: Sequence[tuple[CheckpointStatement, bytes]] = ()
    progress: Progress = lambda _: None
    walk: ChainVerificationState = field(init=False)
    missing: list[tuple[int, int]] = field(default_factory=list, init=False)
    """The first and last number of checkpoints that are missing between others."""
    tail: Backlog = field(init=False)

    def __post_init__(self) -> None:
        self.walk = ChainVerificationState(defaultdict(list))
        self.tail = self.chain.count_unsealed()

    def findings(self) -> Iterator[JournalFinding]:
        """Return everything that does not match."""
        awaited = yield from self._own(self.chain.checkpoints())
        yield from self._from_outside()
        yield from self.walk.check_lines(self.chain.seals(), self.progress)
        yield from self.walk.undeclared_contradictions()
        for first, last in (*self.missing, (awaited, self.walk.made)):
            for start, end in self.walk.losses.missing_checkpoints_not_voided(first, last):
                yield JournalFinding(kind=JournalFindingKind.CHECKPOINT_GONE, checkpoint=start, last=end)
        for line in self.chain.lines_outside_chain():
            yield finding_of_line(JournalFindingKind.SLIPPED_IN, line)

    def _own(self, kept: Iterable[Checkpoint]) -> Generator[JournalFinding, None, int]:
        """Return the number after the last stored checkpoint."""
        awaited = 1
        for each in kept:
            self.missing.append((awaited, each.number - 1))
            awaited = each.number + 1
            said = checkpoints.parse_statement(each.statement)
            if said is None or said.number != each.number or not said.is_signed(each.signature, self.key):
                yield JournalFinding(kind=JournalFindingKind.CHECKPOINT_ALTERED, checkpoint=each.number)
            else:
                self.walk.attested[said.lines].append(said)
        return awaited

    def _from_outside(self) -> Iterator[JournalFinding]:
        for said, signature in self.outside:
            if said.key != self.key:
                yield JournalFinding(kind=JournalFindingKind.OTHER_KEY, checkpoint=said.number)
            elif not said.is_signed(signature, self.key):
                yield JournalFinding(kind=JournalFindingKind.CHECKPOINT_ALTERED, checkpoint=said.number)
            elif said not in self.walk.attested[said.lines]:
                self.walk.attested[said.lines].append(said)

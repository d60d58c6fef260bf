"""A journal in memory, sealed and attested as by a courier, to be tampered with."""

from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from core.adapters.signature_check import is_genuine_signature
from core.delivery.journal_sealer import JournalSealer
from core.flows.dependencies import Dependencies
from core.journal import checkpoints
from core.journal.checkpoints import CheckpointStatement
from core.journal.findings import Finding
from core.journal.verification import JournalExamination
from core.ports import Actor, Event, EventType
from core.security import key_purposes
from tests.support.election import NOON, dependencies
from tests.support.memory import MemoryState, MemoryStore

EVERY = 5
"""The number of events between two checkpoints."""


@dataclass
class KeptJournal:
    """The journal and the checkpoints that the board has."""

    dependencies: Dependencies = field(default_factory=lambda: dependencies(MemoryStore()))
    board: list[tuple[CheckpointStatement, bytes]] = field(default_factory=list)

    @property
    def state(self) -> MemoryState:
        """Return the state that whoever controls the machine can change."""
        assert isinstance(self.dependencies.store, MemoryStore)
        return self.dependencies.store._state

    @property
    def sealer(self) -> JournalSealer:
        """Return the sealer of the journal."""
        return JournalSealer(dependencies=self.dependencies, board=None)

    def is_live(self, lines: int) -> None:
        """Record so many different events, with seals and checkpoints between them."""
        for number in range(len(self.state.events), len(self.state.events) + lines):
            at = NOON + timedelta(seconds=number)
            event = Event(
                at=at, actor=Actor.VOTER, act=EventType.ASKED, case=f"7F3K-{number:04}", voter=number, reason="é"
            )
            with self.dependencies.store.write() as transaction:
                transaction.journal.write(event)
            if number % EVERY == EVERY - 1:
                self.attest()

    def attest(self) -> None:
        """Seal all events and send a checkpoint to the board."""
        while self.sealer.seal():
            pass
        self.sealer.publish_checkpoint(at_once=True)
        last = self.state.checkpoints[max(self.state.checkpoints)]
        self.board += checkpoints.find_checkpoints("\n".join(checkpoints.checkpoint_lines(last)))

    def alter(self, line: int, **changes: object) -> None:
        """Change an event."""
        self.state.events[line] = msgspec.structs.replace(self.state.events[line], **changes)

    def examine(self, *, outside: bool = False) -> list[Finding]:
        """Return the findings of a verification, with or without the board's checkpoints."""
        with self.dependencies.store.read() as transaction:
            key = self.dependencies.vault.public_key(key_purposes.JOURNAL)
            given = self.board if outside else ()
            return list(JournalExamination(transaction.chain, key, is_genuine_signature, given).findings())


def lived(lines: int) -> KeptJournal:
    """Return a journal with so many events."""
    kept = KeptJournal()
    kept.is_live(lines)
    return kept

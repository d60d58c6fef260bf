"""A journal in memory that was sealed and attested as a courier does, to be tampered with."""

from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from core import purposes
from core.adapters.memory import MemoryStore, Shelf
from core.adapters.signing import genuine
from core.courier.notary import Notary
from core.journal import checkpoints
from core.journal.checkpoints import Statement
from core.journal.findings import Finding
from core.journal.verifying import Examination
from core.ports import Act, Actor, Event
from core.service.tools import Tools
from tests.support.election import NOON, tools

EVERY = 5
"""Lines between two checkpoints."""


@dataclass
class Kept:
    """The journal, and what the board has of it."""

    tools: Tools = field(default_factory=lambda: tools(MemoryStore()))
    board: list[tuple[Statement, bytes]] = field(default_factory=list)

    @property
    def shelf(self) -> Shelf:
        """What whoever holds the machine may change."""
        assert isinstance(self.tools.store, MemoryStore)
        return self.tools.store._shelf

    @property
    def notary(self) -> Notary:
        """Who seals it."""
        return Notary(tools=self.tools, board=None)

    def live(self, lines: int) -> None:
        """So many acts, each unlike the others, sealed and attested now and then."""
        for number in range(len(self.shelf.events), len(self.shelf.events) + lines):
            at = NOON + timedelta(seconds=number)
            event = Event(at=at, actor=Actor.VOTER, act=Act.ASKED, case=f"7F3K-{number:04}", voter=number, reason="é")
            with self.tools.store.write() as transaction:
                transaction.journal.write(event)
            if number % EVERY == EVERY - 1:
                self.attest()

    def attest(self) -> None:
        """Everything is sealed, and the board is told."""
        while self.notary.seal():
            pass
        self.notary.attest(at_once=True)
        last = self.shelf.checkpoints[max(self.shelf.checkpoints)]
        self.board += checkpoints.found("\n".join(checkpoints.shown(last)))

    def alter(self, line: int, **changes: object) -> None:
        """A line says something else."""
        self.shelf.events[line] = msgspec.structs.replace(self.shelf.events[line], **changes)

    def examine(self, *, outside: bool = False) -> list[Finding]:
        """What a verification says, with what the board has or without."""
        with self.tools.store.read() as transaction:
            key = self.tools.vault.public_key(purposes.JOURNAL)
            given = self.board if outside else ()
            return list(Examination(transaction.chain, key, genuine, given).findings())


def lived(lines: int) -> Kept:
    """One with so many lines."""
    kept = Kept()
    kept.live(lines)
    return kept

"""Seals the journal while the courier works, and tells the board where its chain stands.

Lines are read and hashed outside of any transaction that writes, so no act waits for it. Two notaries at once are no harm:
the chain takes the seals of the first, and the other's are for nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core import purposes
from core.journal import checkpoints
from core.journal.sealing import next_gaps, next_seals
from core.ports import (
    Act,
    Actor,
    Checkpoint,
    Durability,
    Event,
    Moved,
    ParcelKind,
    Transaction,
)
from core.service.tools import Tools

BATCH = 2_000
"""As many as are written in a few hundredths of a second: SQLite's acts wait for each other that long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notary:
    """`board` is where checkpoints are mailed; without it they are made and kept here."""

    tools: Tools
    board: str | None

    def seal(self) -> bool:
        """Gives the oldest lines without a place theirs. Whether there may be more. Raises Unready."""
        with self.tools.store.read() as transaction:
            end = transaction.chain.end()
            lines = transaction.chain.unsealed(end, limit=BATCH)
        if not lines:
            return False
        seals, gaps = next_seals(end, lines), next_gaps(end, lines)
        try:
            with self.tools.store.write(Durability.RELAXED) as transaction:
                transaction.chain.seal(end, seals, gaps)
        except Moved:
            return False  # another notary is at work
        return len(lines) == BATCH

    def attest(self, *, at_once: bool = False) -> bool:
        """Makes a checkpoint if the policy says that it is due, or if there is anything to attest. Raises Unready."""
        now = self.tools.clock.now()
        with self.tools.store.read() as transaction:
            last = transaction.chain.checkpoint()
            attested = 0 if last is None else _lines_of(last)
            pending, end = transaction.chain.unattested(after=attested), transaction.chain.end()
        if not pending.lines or not (at_once or self._due(pending.lines, pending.oldest, now)):
            return False
        checkpoint = self._checkpoint(1 if last is None else last.number + 1, end.position, end.digest, now)
        try:
            # FULL: what outsiders hold must never be forgotten here, nor any seal or line that it attests.
            with self.tools.store.write(Durability.FULL) as transaction:
                self._keep(transaction, checkpoint, now)
        except Moved:
            return False
        return True

    def _due(self, lines: int, oldest: datetime | None, now: datetime) -> bool:
        policy = self.tools.policy
        waited = timedelta(0) if oldest is None else now - oldest
        return lines >= policy.checkpoint_lines or waited >= timedelta(minutes=policy.checkpoint_minutes)

    def _checkpoint(self, number: int, lines: int, digest: bytes, now: datetime) -> Checkpoint:
        vault = self.tools.vault
        return checkpoints.make(
            election=self.tools.election.site,
            number=number,
            lines=lines,
            made=now,
            digest=digest,
            key=vault.public_key(purposes.JOURNAL),
            sign=lambda statement: vault.sign(purposes.JOURNAL, statement),
        )

    def _keep(self, transaction: Transaction, checkpoint: Checkpoint, now: datetime) -> None:
        case = checkpoints.case_of(checkpoint.number)
        transaction.chain.attest(checkpoint)
        transaction.journal.write(Event(at=now, actor=Actor.COURIER, act=Act.CHECKPOINT_MADE, case=case))
        if self.board is not None:
            useful = now + timedelta(minutes=self.tools.policy.notice_useful_minutes)
            transaction.outbox.post(kind=ParcelKind.CHECKPOINT, case=case, at=now, useful_until=useful)


def _lines_of(checkpoint: Checkpoint) -> int:
    """How many it attests; nought for one that somebody has spoiled, so that the next attests everything again."""
    said = checkpoints.read(checkpoint.statement)
    return 0 if said is None else said.lines

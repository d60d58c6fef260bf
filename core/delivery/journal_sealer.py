"""Seals the journal and makes checkpoints."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.flows.board_alarms import JOURNAL_BROKEN, raise_board_alarm_in_own_transaction
from core.flows.dependencies import Dependencies
from core.journal import checkpoints
from core.journal.declared_losses import declarations_in
from core.journal.hash_chain import next_gaps, next_seals
from core.journal.verifier import CheckpointStatement, parse_statement
from core.ports import (
    Actor,
    Checkpoint,
    ConflictError,
    Event,
    EventType,
    MessageKind,
    Transaction,
)
from core.security import key_purposes

BATCH = 2_000
"""Maximum number of journal lines sealed per transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSealer:
    """Seals the journal and makes checkpoints. If `board` is an address, checkpoints are emailed to it."""

    dependencies: Dependencies
    board: str | None

    def seal(self) -> bool:
        """Seal the oldest unsealed lines. Returns True if more unsealed lines may remain. Raises StoreUnavailable."""
        with self.dependencies.store.read() as transaction:
            end = transaction.chain.end()
            lines = transaction.chain.unsealed(end, limit=BATCH)
        if not lines:
            return False
        seals, gaps = next_seals(end, lines), next_gaps(end, lines)
        try:
            with self.dependencies.store.write() as transaction:
                transaction.chain.seal(end, seals, gaps)
        except ConflictError:
            return False  # another courier was faster
        return len(lines) == BATCH

    def publish_checkpoint(self, *, at_once: bool = False) -> bool:
        """Make a checkpoint if one is due. With `at_once`, it is due as soon as there is a new journal line."""
        now = self.dependencies.clock.now()
        with self.dependencies.store.read() as transaction:
            last = transaction.chain.checkpoint()
            statement = None if last is None else parse_statement(last.statement)
            attested = 0 if statement is None else statement.lines
            pending, end = transaction.chain.count_unattested(after=attested), transaction.chain.end()
            reports = (
                [line for _, line in transaction.chain.sealed_interventions_and_alarms(after=attested)]
                if pending.waiting
                else []
            )
            # The journal is broken if the chain no longer contains what the last checkpoint attests. Only one line is read.
            broken = last is not None and (
                statement is None or transaction.chain.digest_at(statement.lines) != statement.digest
            )
            recently_reported = self._recently_reported_types(transaction, statement, now) if reports else frozenset()
        if broken:
            raise_board_alarm_in_own_transaction(self.dependencies, JOURNAL_BROKEN)
        policy, waited = self.dependencies.policy, timedelta(0) if pending.oldest is None else now - pending.oldest
        full = pending.waiting >= policy.checkpoint_lines
        late = waited >= timedelta(minutes=policy.checkpoint_minutes)
        due = at_once or full or late or not recently_reported.issuperset(line.act for line in reports)
        if not pending.waiting or not due:
            return False
        # The board must never receive two checkpoints with the same number.
        lost = (declaration.lost.number for declaration in declarations_in(reports))
        former = max(0 if last is None else last.number, *lost, 0)
        checkpoint = self._checkpoint(former + 1, end.position, end.digest, now)
        try:
            with self.dependencies.store.write() as transaction:
                self._keep(transaction, checkpoint, now)
        except ConflictError:
            return False
        return True

    def _recently_reported_types(
        self, transaction: Transaction, statement: CheckpointStatement | None, now: datetime
    ) -> frozenset[object]:
        """Return the event types that were recently reported to the electoral board."""
        pause = timedelta(seconds=self.dependencies.policy.board_pause_seconds)
        if statement is None or now - datetime.fromisoformat(statement.made) >= pause:
            return frozenset()
        return frozenset(line.act for line in checkpoints.newly_attested_reported_events(transaction.chain, statement))

    def _checkpoint(self, number: int, lines: int, digest: bytes, now: datetime) -> Checkpoint:
        vault = self.dependencies.vault
        return checkpoints.make_checkpoint(
            election=self.dependencies.election.site,
            number=number,
            lines=lines,
            made=now,
            digest=digest,
            key=vault.public_key(key_purposes.JOURNAL),
            sign=lambda statement: vault.sign(key_purposes.JOURNAL, statement),
        )

    def _keep(self, transaction: Transaction, checkpoint: Checkpoint, now: datetime) -> None:
        case = checkpoints.case_number_of_checkpoint(checkpoint.number)
        transaction.chain.add_checkpoint(checkpoint)
        transaction.journal.write(Event(at=now, actor=Actor.COURIER, act=EventType.CHECKPOINT_MADE, case=case))
        if self.board is not None:
            useful = now + timedelta(minutes=self.dependencies.policy.notice_useful_minutes)
            transaction.outbox.put(kind=MessageKind.CHECKPOINT, case=case, at=now, useful_until=useful)

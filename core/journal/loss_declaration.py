"""Declares a loss: finds the last checkpoint on which the database and the board agree, and writes the line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.journal import checkpoints
from core.journal import loss_sentences as words
from core.journal.declared_losses import FailoverOrRestoreCause, JournalLossKind
from core.journal.verifier import (
    CheckpointPosition,
    CheckpointStatement,
    DeclaredLosses,
    LossDeclaration,
    parse_statement,
)
from core.ports import Actor, Event, EventType, JournalChain, Transaction
from core.text.text import Text

PRECISION = timedelta(minutes=1)
"""Operators know the time of a failover to the minute."""
MOST_UNSEALED = 100_000
START = CheckpointStatement(election="", number=0, lines=0, made="-", digest=b"", key=b"")


class LossDeclarationRefused(Exception):
    """Nothing was declared. `sentence` gives the reason."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.msgid)
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLossDeclaration:
    """An operator's declaration of a loss, with the signed checkpoints that the board received."""

    kind: JournalLossKind
    cause: FailoverOrRestoreCause
    happened: datetime
    outside: Sequence[tuple[CheckpointStatement, bytes]]

    def declare(self, transaction: Transaction, *, key: bytes, now: datetime) -> LossDeclaration:
        """Write the declaration. Raises LossDeclarationRefused."""
        if self.happened > now:
            raise LossDeclarationRefused(words.IN_THE_FUTURE)
        if not all(said.is_signed(signature, key) for said, signature in self.outside):
            raise LossDeclarationRefused(words.NOT_GENUINE)
        chain = transaction.chain
        own = [(parse_statement(each.statement), each.signature) for each in chain.checkpoints()]
        kept = [said for said, signature in own if said is not None and said.is_signed(signature, key)]
        agreeing, contradicting = _compare(chain, [said for said, _ in self.outside])
        kept_agreeing, kept_contradicting = _compare(chain, kept)
        if kept_contradicting or len(kept) < len(own):
            raise LossDeclarationRefused(words.NOT_SOUND)
        said = self._declaration([*agreeing, *kept_agreeing], contradicting, _declared(chain), chain.end().position)
        transaction.journal.write(
            Event(at=now, actor=Actor.OPERATOR, act=EventType.LOSS_DECLARED, reason=said.journal_text())
        )
        return said

    def _declaration(
        self,
        agreeing: Iterable[CheckpointStatement],
        contradicting: list[CheckpointStatement],
        before: DeclaredLosses,
        end: int,
    ) -> LossDeclaration:
        void = [said for said in contradicting if not before.covers(said)]
        newest = max(void, key=lambda said: said.number, default=None)
        until = checkpoints.statement_time(self.happened + PRECISION)
        if newest is not None and newest.made > until:
            raise LossDeclarationRefused(words.BACKWARDS.fill({"checkpoint": str(newest.number)}))
        last_made = until if newest is None else newest.made
        candidates = (said for said in agreeing if said.made <= last_made)
        agreed = max(candidates, key=lambda said: said.lines, default=START)
        for said in void:
            if said.number <= agreed.number or said.lines <= agreed.lines:
                facts = {"checkpoint": str(said.number), "agreed": str(agreed.number)}
                raise LossDeclarationRefused(words.BEFORE_AGREED.fill(facts))
        lost = newest or agreed
        declaration = LossDeclaration(
            kind=self.kind,
            cause=self.cause,
            happened=self.happened,
            agreed=CheckpointPosition(agreed.number, agreed.lines),
            lost=CheckpointPosition(lost.number, lost.lines),
            made=lost.made,
        )
        # A loss can be declared again only if the declaration voids further checkpoints. The first declaration may be
        # sealed in the same minute as the loss.
        repeated = any(each.said.happened >= self.happened for each in before.known)
        if (repeated and not declaration.voids_any_checkpoint) or not before.is_admissible(declaration, end + 1):
            raise LossDeclarationRefused(words.DECLARED_BEFORE)
        return declaration


def _compare(
    chain: JournalChain, given: Iterable[CheckpointStatement]
) -> tuple[list[CheckpointStatement], list[CheckpointStatement]]:
    """Return the checkpoints that the chain confirms, and those that it contradicts."""
    agreeing, contradicting = list[CheckpointStatement](), list[CheckpointStatement]()
    for said in given:
        (agreeing if chain.digest_at(said.lines) == said.digest else contradicting).append(said)
    return agreeing, contradicting


def _declared(chain: JournalChain) -> DeclaredLosses:
    """Return the losses declared before. Raises LossDeclarationRefused if a declaration is not sealed yet."""
    losses = DeclaredLosses()
    for place, line in chain.sealed_interventions_and_alarms(after=0):
        if line.act == EventType.LOSS_DECLARED:
            losses.read(place, line.columns.get("reason"), line.columns.get("at"))
    waiting = chain.unsealed(chain.end(), limit=MOST_UNSEALED)
    if any(line.act == EventType.LOSS_DECLARED for line in waiting):
        raise LossDeclarationRefused(words.NOT_SEALED_YET)
    return losses

"""Declares that the end of the journal was lost."""

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
MOST_UNSEALED = 100_000
START = CheckpointStatement(election="", number=0, lines=0, made="-", digest=b"", key=b"")


class LossDeclarationRefused(Exception):
    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.msgid)
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLossDeclaration:
    kind: JournalLossKind
    cause: FailoverOrRestoreCause
    happened: datetime
    outside: Sequence[tuple[CheckpointStatement, bytes]]

    def declare(self, transaction: Transaction, *, key: bytes, now: datetime) -> LossDeclaration:
        if self.happened > now:
            raise LossDeclarationRefused(words.IN_THE_FUTURE)
        if not all(statement.is_signed(signature, key) for statement, signature in self.outside):
            raise LossDeclarationRefused(words.NOT_GENUINE)
        chain = transaction.chain
        stored = [(parse_statement(each.statement), each.signature) for each in chain.checkpoints()]
        genuine = [
            statement
            for statement, signature in stored
            if statement is not None and statement.is_signed(signature, key)
        ]
        agreeing, contradicting = _compare(chain, [statement for statement, _ in self.outside])
        stored_agreeing, stored_contradicting = _compare(chain, genuine)
        if stored_contradicting or len(genuine) < len(stored):
            raise LossDeclarationRefused(words.NOT_SOUND)
        earlier = _declared_losses(chain)
        declaration = self._declaration([*agreeing, *stored_agreeing], contradicting, earlier, chain.end().position)
        transaction.journal.write(
            Event(at=now, actor=Actor.OPERATOR, act=EventType.LOSS_DECLARED, reason=declaration.journal_text())
        )
        return declaration

    def _declaration(
        self,
        agreeing: Iterable[CheckpointStatement],
        contradicting: list[CheckpointStatement],
        earlier: DeclaredLosses,
        end: int,
    ) -> LossDeclaration:
        void = [statement for statement in contradicting if not earlier.covers(statement)]
        newest = max(void, key=lambda statement: statement.number, default=None)
        until = checkpoints.statement_time(self.happened + PRECISION)
        if newest is not None and newest.made > until:
            raise LossDeclarationRefused(words.BACKWARDS.fill({"checkpoint": str(newest.number)}))
        last_made = until if newest is None else newest.made
        candidates = (statement for statement in agreeing if statement.made <= last_made)
        agreed = max(candidates, key=lambda statement: statement.lines, default=START)
        for statement in void:
            if statement.number <= agreed.number or statement.lines <= agreed.lines:
                numbers = {"checkpoint": str(statement.number), "agreed": str(agreed.number)}
                raise LossDeclarationRefused(words.BEFORE_AGREED.fill(numbers))
        lost = newest or agreed
        declaration = LossDeclaration(
            kind=self.kind,
            cause=self.cause,
            happened=self.happened,
            agreed=CheckpointPosition(agreed.number, agreed.lines),
            lost=CheckpointPosition(lost.number, lost.lines),
            made=lost.made,
        )
        # A loss can be declared again only if the declaration makes further checkpoints void. The first declaration
        # may have been sealed in the same minute as the loss.
        repeated = any(loss.said.happened >= self.happened for loss in earlier.known)
        if (repeated and not declaration.voids_any_checkpoint) or not earlier.is_admissible(declaration, end + 1):
            raise LossDeclarationRefused(words.DECLARED_BEFORE)
        return declaration


def _compare(
    chain: JournalChain, given: Iterable[CheckpointStatement]
) -> tuple[list[CheckpointStatement], list[CheckpointStatement]]:
    agreeing, contradicting = list[CheckpointStatement](), list[CheckpointStatement]()
    for statement in given:
        (agreeing if chain.digest_at(statement.lines) == statement.digest else contradicting).append(statement)
    return agreeing, contradicting


def _declared_losses(chain: JournalChain) -> DeclaredLosses:
    losses = DeclaredLosses()
    for place, line in chain.sealed_interventions_and_alarms(after=0):
        if line.genuine and line.act == EventType.LOSS_DECLARED:
            losses.read(place, line.columns.get("reason"), line.columns.get("at"))
    waiting = chain.unsealed(chain.end(), limit=MOST_UNSEALED)
    if any(line.genuine and line.act == EventType.LOSS_DECLARED for line in waiting):
        raise LossDeclarationRefused(words.NOT_SEALED_YET)
    return losses

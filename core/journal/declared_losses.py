"""The lost end of a journal, as an operator declares it after a failover or a restoration.

A declaration is a line of the journal. It names the newest checkpoint on which database and board agree, and the newest one that
the board has beyond it: those after the first up to the second are void. Every other contradiction stays a finding.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from core.journal.checkpoints import CheckpointStatement
from core.journal.verification_findings import JournalFinding, JournalFindingKind, finding_of_line
from core.ports import EventType, JournalLine
from core.text.text import N_, SentenceEnum


class JournalLossKind(SentenceEnum):
    """Kinds of events in which the end of the journal was lost."""

    FAILOVER = "failover", N_("un autre serveur de base a pris le relais sans avoir tout reçu")
    RESTORE = "restore", N_("une copie plus ancienne de la base a été remise")


class FailoverOrRestoreCause(SentenceEnum):
    """Causes of a failover or a restore."""

    HOST_LOST = "host-lost", N_("la machine de la base était perdue")
    NETWORK_CUT = "network-cut", N_("le réseau vers la base était coupé")
    DISK_FAILED = "disk-failed", N_("un disque était en panne")
    DATA_DAMAGED = "data-damaged", N_("les données étaient abîmées ou perdues")
    MISTAKE = "mistake", N_("une erreur de manipulation")
    EXERCISE = "exercise", N_("un exercice")


class CheckpointPosition(msgspec.Struct, frozen=True):
    """A checkpoint's number and how many lines it attests; noughts stand for the beginning of the journal."""

    number: int = 0
    lines: int = 0


class LossDeclaration(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration: the checkpoints after `agreed` up to `lost` are void. Nothing is void where both are the same."""

    kind: JournalLossKind
    cause: FailoverOrRestoreCause
    happened: datetime
    agreed: CheckpointPosition
    lost: CheckpointPosition
    made: str
    """The time of the checkpoint `lost` by its own statement; no later checkpoint is void."""

    def journal_text(self) -> str:
        """Return the declaration as the text that the journal keeps."""
        marks = (f"{mark.number}/{mark.lines}" for mark in (self.agreed, self.lost))
        return " ".join((self.kind, self.cause, self.happened.isoformat(), *marks, self.made))

    @property
    def voids_any_checkpoint(self) -> bool:
        """Return whether any checkpoint is void."""
        return self.lost.number > self.agreed.number

    def voids_checkpoint(self, statement: CheckpointStatement, after: int) -> bool:
        """Tell whether a checkpoint is void; those up to number `after` were declared before."""
        return (
            max(self.agreed.number, after) < statement.number <= self.lost.number
            and self.agreed.lines < statement.lines <= self.lost.lines
            and statement.made <= self.made
        )


_MARK = r"(\d{1,9})/(\d{1,18})"
_REASON = re.compile(rf"([a-z]+) ([a-z-]+) (\S+) {_MARK} {_MARK} (\S+)", re.ASCII)


def parse_declaration(reason: object) -> LossDeclaration | None:
    """Parse the reason of a line. Return None if it is no declaration, or one that ends before it begins."""
    match = _REASON.fullmatch(reason) if isinstance(reason, str) else None
    if match is None:
        return None
    kind, cause, happened, *numbers, made = match.groups()
    first, last, second, end = map(int, numbers)
    try:
        said = LossDeclaration(
            kind=JournalLossKind(kind),
            cause=FailoverOrRestoreCause(cause),
            happened=datetime.fromisoformat(happened),
            agreed=CheckpointPosition(first, last),
            lost=CheckpointPosition(second, end),
            made=made,
        )
    except ValueError:
        return None
    forward = said.lost == said.agreed or (second > first and end > last)
    return said if forward and said.happened.tzinfo is not None else None


def declarations_in(lines: Iterable[JournalLine]) -> Iterator[LossDeclaration]:
    """Yield the declarations among those lines."""
    parsed = (parse_declaration(line.columns.get("reason")) for line in lines if line.act == EventType.LOSS_DECLARED)
    return (said for said in parsed if said is not None)


@dataclass(frozen=True, slots=True)
class LossDeclarationInChain:
    """A declaration, its place in the chain, when it was made, and the highest number declared before it."""

    place: int
    at: datetime
    said: LossDeclaration
    after: int


@dataclass
class DeclaredLosses:
    """The declarations of a journal, in the order of the chain, and those that are worth nothing."""

    known: list[LossDeclarationInChain] = field(default_factory=list)
    refused: list[JournalFinding] = field(default_factory=list)

    def read_declaration_line(self, chain_position: int, line: JournalLine) -> None:
        """Read a declaration from its line."""
        said, at = parse_declaration(line.columns.get("reason")), line.columns.get("at")
        if said is None or not isinstance(at, datetime) or not self.is_admissible(said, chain_position):
            self.refused.append(finding_of_line(JournalFindingKind.DECLARED_WRONGLY, line, place=chain_position))
        else:
            self.known.append(LossDeclarationInChain(chain_position, at, said, self.highest_checkpoint_number))

    @property
    def highest_checkpoint_number(self) -> int:
        """The highest number of a checkpoint that a declaration names."""
        return max((each.said.lost.number for each in self.known), default=0)

    def is_admissible(self, declaration: LossDeclaration, chain_position: int) -> bool:
        """Tell whether a declaration at that place reaches beyond those before it, and speaks of lines before itself."""
        if declaration.agreed.lines >= chain_position:
            return False
        if declaration.voids_any_checkpoint:
            return declaration.lost.number > self.highest_checkpoint_number
        return all(declaration.agreed.lines >= each.place for each in self.known)

    def declaration_voiding_checkpoint(self, statement: CheckpointStatement) -> LossDeclarationInChain | None:
        """Return the declaration that makes a checkpoint void."""
        return next((each for each in self.known if each.said.voids_checkpoint(statement, each.after)), None)

    def begin_after_last_confirmed_checkpoint(self, agreeing: list[CheckpointStatement]) -> None:
        """Let each declaration begin after the last checkpoint that it covers and that the chain confirms."""
        for said in agreeing:
            for index, each in enumerate(self.known):
                if each.said.voids_checkpoint(said, each.after):
                    agreed = CheckpointPosition(said.number, said.lines)
                    self.known[index] = replace(each, said=msgspec.structs.replace(each.said, agreed=agreed))

    def missing_checkpoints_not_voided(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield what is left of the numbers of missing checkpoints without those that are void."""
        for each in self.known:
            void = (max(each.said.agreed.number, each.after) + 1, each.said.lost.number)
            if each.said.voids_any_checkpoint and void[0] <= last and void[1] >= first:
                if first < void[0]:
                    yield first, void[0] - 1
                first = max(first, void[1] + 1)
        if first <= last:
            yield first, last

"""The lost end of a journal, as an operator declares it after a failover or a restoration, and what is said of it.

A declaration is a line of the journal. It names the newest checkpoint on which database and board agree, and the newest one that
the board has beyond it: those after the first up to the second are void. Every other contradiction stays a finding.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from core.journal.checkpoints import CheckpointStatement
from core.journal.verification_findings import JournalFinding, JournalFindingKind, Local, finding_of_line
from core.ports import EventType, JournalLine
from core.text.text import N_, Moment, SentenceEnum, Text


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

    def declaration_voiding(self, statement: CheckpointStatement) -> LossDeclarationInChain | None:
        """Return the declaration that makes a checkpoint void."""
        return next((each for each in self.known if each.said.voids_checkpoint(statement, each.after)), None)

    def begin_after_confirmed(self, agreeing: list[CheckpointStatement]) -> None:
        """Let each declaration begin after the last checkpoint that it covers and that the chain confirms."""
        for said in agreeing:
            for index, each in enumerate(self.known):
                if each.said.voids_checkpoint(said, each.after):
                    agreed = CheckpointPosition(said.number, said.lines)
                    self.known[index] = replace(each, said=msgspec.structs.replace(each.said, agreed=agreed))

    def missing_numbers_not_voided(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield what is left of the numbers of missing checkpoints without those that are void."""
        for each in self.known:
            void = (max(each.said.agreed.number, each.after) + 1, each.said.lost.number)
            if each.said.voids_any_checkpoint and void[0] <= last and void[1] >= first:
                if first < void[0]:
                    yield first, void[0] - 1
                first = max(first, void[1] + 1)
        if first <= last:
            yield first, last


DECLARED = N_("Perte déclarée pour le {happened} : {what}. Motif : {cause}.")
FROM_CHECKPOINT = N_(
    "La base et le bureau de vote s'accordent jusqu'au point de contrôle n° {agreed}, place {last}. Ce qui a été écrit après, et avant la perte, peut manquer."
)
FROM_THE_START = N_("La base et le bureau de vote ne s'accordent sur aucun point de contrôle : tout peut manquer.")
NOTHING_VOID = N_("Aucun point de contrôle reçu par le bureau n'atteste de ce qui manque.")
VOID = N_(
    "Places {first} à {end} : les points de contrôle n° {number} à {lost} les attestent, et leur perte est déclarée. Que le bureau les garde ; les suivants commencent au n° {next}."
)
NOT_KNOWN = (
    N_(
        "Les mots de passe choisis dans cet intervalle ne peuvent pas être connus : la confirmation qui a été lue ne vaut plus, et l'ancien mot de passe sert de nouveau. Ces personnes peuvent en choisir un autre à tout moment."
    ),
    N_("Les liens envoyés et les sessions ouvertes dans cet intervalle ne fonctionnent plus."),
    N_(
        "Les identifiants envoyés dans cet intervalle sont recherchés auprès du service de vote, et l'assistance rappelle les personnes concernées."
    ),
)

DECLARE_HELP = N_(
    "Déclare, avec le bureau de vote, que la fin du journal est perdue après une bascule (failover) ou une restauration (restore). Le bureau en reçoit aussitôt le message."
)
CAUSE_HELP = N_("Pourquoi : {causes}.")
WHEN_HELP = N_("Quand la base a été perdue : 2026-12-03T14:32, à l'heure de l'élection, ou avec un décalage.")
BOARD_CHECKPOINT_HELP = N_(
    "Un point de contrôle que le bureau de vote a reçu, dans un fichier ; au moins le dernier. Peut être répété."
)
WHEN_UNREADABLE = N_("ce n'est pas un moment ; écrivez par exemple 2026-12-03T14:32.")
DONE = N_(
    "C'est déclaré. Le programme d'envoi le scelle et l'envoie au bureau dans les secondes qui viennent ; ensuite : retrouve platform reconcile --apply"
)

IN_THE_FUTURE = N_("Rien n'a été déclaré : ce moment n'est pas encore passé.")
NOT_GENUINE = N_(
    "Rien n'a été déclaré : un des points de contrôle donnés n'est pas signé par la clé de cette élection, ou a été changé."
)
NOT_SOUND = N_(
    "Rien n'a été déclaré : le journal contredit ses propres points de contrôle, ce qu'aucune perte n'explique. Voyez : retrouve journal verify"
)
BACKWARDS = N_("Rien n'a été déclaré : le point de contrôle n° {checkpoint} du bureau a été fait après ce moment.")
BEFORE_AGREED = N_(
    "Rien n'a été déclaré : le journal contredit le point de contrôle n° {checkpoint}, mais confirme le n° {agreed}, plus récent. Une perte n'explique pas cela. Voyez : retrouve journal verify"
)
DECLARED_BEFORE = N_("Rien n'a été déclaré : cette perte l'est déjà.")
NOT_SEALED_YET = N_(
    "Rien n'a été déclaré : une autre déclaration attend son sceau. Démarrez « retrouve courier », puis recommencez."
)
RESTORE_NOT_DECLARED = N_(
    "La restauration n'est pas encore déclarée au bureau de vote. Faites, avec le dernier message que le bureau a reçu : retrouve journal declare restore --cause {cause} --when {happened} --checkpoint MESSAGE.eml --dir {folder}"
)
RESTORE_DECLARED = N_(
    "La restauration est inscrite au journal ; le bureau de vote l'apprend dès le départ du programme d'envoi. S'il a reçu des points de contrôle plus récents que la sauvegarde, déclarez aussi leur perte : retrouve journal declare restore --cause {cause} --when {happened} --checkpoint MESSAGE.eml --dir {folder}"
)


def sentences_of_declared_loss(declaration: LossDeclaration, local: Local, after: int = 0) -> Iterator[Text]:
    """Return what a declaration says; checkpoints up to number `after` were declared before."""
    happened = Moment(local(declaration.happened))
    yield DECLARED.fill({"happened": happened, "what": declaration.kind.sentence, "cause": declaration.cause.sentence})
    agreed = {"agreed": str(declaration.agreed.number), "last": str(declaration.agreed.lines)}
    yield FROM_CHECKPOINT.fill(agreed) if declaration.agreed.number else FROM_THE_START
    yield _void(declaration, after) if declaration.voids_any_checkpoint else NOTHING_VOID


def _void(said: LossDeclaration, after: int) -> Text:
    numbers = {
        "first": said.agreed.lines + 1,
        "end": said.lost.lines,
        "number": max(said.agreed.number, after) + 1,
        "lost": said.lost.number,
        "next": said.lost.number + 1,
    }
    return VOID.fill({name: str(number) for name, number in numbers.items()})

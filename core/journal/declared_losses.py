"""Declarations that the end of the journal was lost in a failover or restore."""

from collections.abc import Iterable, Iterator

from core.journal.verifier import LossDeclaration, parse_declaration
from core.ports import EventType, JournalLine
from core.text.text import N_, SentenceEnum


class JournalLossKind(SentenceEnum):
    FAILOVER = "failover", N_("un autre serveur de base a pris le relais sans avoir tout reçu")
    RESTORE = "restore", N_("une copie plus ancienne de la base a été remise")


class FailoverOrRestoreCause(SentenceEnum):
    HOST_LOST = "host-lost", N_("la machine de la base était perdue")
    NETWORK_CUT = "network-cut", N_("le réseau vers la base était coupé")
    DISK_FAILED = "disk-failed", N_("un disque était en panne")
    DATA_DAMAGED = "data-damaged", N_("les données étaient abîmées ou perdues")
    MISTAKE = "mistake", N_("une erreur de manipulation")
    EXERCISE = "exercise", N_("un exercice")


def declarations_in(lines: Iterable[JournalLine]) -> Iterator[LossDeclaration]:
    parsed = (
        parse_declaration(line.columns.get("reason"))
        for line in lines
        if line.genuine and line.act == EventType.LOSS_DECLARED
    )
    return (declaration for declaration in parsed if declaration is not None)

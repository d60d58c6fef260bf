"""The actions that an agent can take for a voter."""

from dataclasses import dataclass
from enum import StrEnum

from core.desk.authorisation import AgentSession
from core.ports import AgentRole
from core.text.text import N_, Text

VERIFY_FIRST = N_("Vérifiez d'abord l'appelant.")
VERIFY_LATER = N_("Vérification possible à {again_at}.")
CHECK_PAUSED = N_("Possible à {again_at}. D'ici là, la personne peut continuer seule sur le site.")
READ_ONLY = N_("Votre rôle permet de lire, pas d'agir.")
GONE = N_("Cette personne n'est plus sur la liste électorale.")
IS_FROZEN = N_("Compte bloqué : aucun lien.")
IS_NOT_FROZEN = N_("Ce compte n'est pas bloqué.")
IS_FROZEN_ALREADY = N_("Ce compte est déjà bloqué.")
NOT_ASKED = N_("Aucun message n'est encore demandé.")
ASKED_ALREADY = N_("Un message est déjà demandé : choisissez « Renvoyer le message ».")
CASE_OVER = N_("Ce dossier est clos : un autre message en ouvre un nouveau.")
AGAIN_FROM = N_("Possible dès {again_at}.")


class DeskAction(StrEnum):
    VERIFY = "verify"
    START_MAIL = "start-mail"
    SEND_AGAIN = "send-again"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"


LABELS: dict[DeskAction, Text] = {
    DeskAction.VERIFY: N_("Vérifier l'appelant"),
    DeskAction.START_MAIL: N_("Envoyer le message"),
    DeskAction.SEND_AGAIN: N_("Renvoyer le message"),
    DeskAction.FREEZE: N_("Bloquer le compte"),
    DeskAction.UNFREEZE: N_("Rouvrir le compte"),
}
SHORT_LABELS: dict[DeskAction, Text] = {
    DeskAction.VERIFY: N_("Vérifier"),
    DeskAction.START_MAIL: N_("Envoyer"),
    DeskAction.SEND_AGAIN: N_("Renvoyer"),
    DeskAction.FREEZE: N_("Bloquer"),
    DeskAction.UNFREEZE: N_("Rouvrir"),
}


@dataclass(frozen=True, slots=True)
class AvailableAction:
    """A button for an agent. If the button is disabled, `why_not` says why."""

    action: DeskAction
    why_not: Text | None

    @property
    def label(self) -> Text:
        return LABELS[self.action]


def may_act(session: AgentSession) -> bool:
    return session.role is not AgentRole.AUDITOR

"""Steps of the ST flow, in which a voter freezes their account."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.flows.password.definition import FIRST
from core.forms.errors import FREEZE_ACCOUNT, StopLinkAccountReopened, StopLinkExpired, StopLinkUnknown
from core.forms.flow_model import (
    Action,
    AskStep,
    CommonProblem,
    FinalStep,
    Flow,
    FlowOverview,
    FlowSteps,
    MailOrSmsText,
    VoterAndAgentWords,
)
from core.text.text import N_, Text

SLUG = "ce-n-etait-pas-moi"
SOUGHT = N_(
    "pas moi, bloquer, débloquer, pirate, piraté, fraude, vol, usurpation, compte bloqué, mot de passe changé, quelqu'un d'autre, opposition"
)


class StoppableChange(StrEnum):
    PASSWORD = "password"
    IDENTIFIER = "identifier"


WHAT_HAPPENED: Mapping[StoppableChange, Text] = {
    StoppableChange.PASSWORD: N_(
        "Le mot de passe de ce site a été changé pour l'adresse {masked_address}, le {changed_at} (heure de Paris). Ce n'est pas celui de votre messagerie."
    ),
    StoppableChange.IDENTIFIER: N_(
        "Un nouvel identifiant de vote a été demandé pour l'adresse {masked_address} le {changed_at} (heure de Paris)."
    ),
}
ONLY_DOUBT = N_("Vous avez seulement un doute ? Changez de mot de passe : vous pourrez encore voter. {change}")
CHANGE = N_("Changer mon mot de passe : {web_page}")
CHANGES_CLOSED = N_("Changer de mot de passe n'est pas possible en ce moment.")


def doubt_sentence(site: str) -> Text:
    return ONLY_DOUBT.fill({"change": CHANGE.fill({"web_page": f"{site}/"})})


@dataclass(frozen=True, slots=True)
class FreezeAccountAnswer:
    pass


@dataclass(frozen=True, slots=True)
class RecogniseChangeAnswer:
    """At step ST-1, the voter confirms that they made the change."""


@dataclass(frozen=True, slots=True)
class ReturnToQuestionAnswer:
    pass


class StopChangeFlow(FlowSteps):
    confirm = AskStep(
        code="ST-1",
        slug="confirmer",
        copy=VoterAndAgentWords(
            title=N_("Ce n'était pas vous ?"),
            voter=(
                Text("{what_happened}"),  # one of WHAT_HAPPENED
                Text("{doubt}"),  # `doubt_sentence` or CHANGES_CLOSED
                N_(
                    "Si ce n'était pas vous, bloquez ce compte : personne, pas même vous, ne pourra plus s'y connecter ni voter avec l'identifiant de ce compte."
                ),
                N_(
                    "Seule l'assistance peut le rouvrir, après vérification : {desk_phone}, {desk_hours}. {vote_while_blocked}"
                ),
            ),
            agent=(N_("Faites choisir « Bloquer mon compte » si la personne n'a rien demandé."),),
            common_problems=(
                CommonProblem(
                    symptom=N_("Quelqu'un d'autre a changé votre mot de passe"),
                    voter=N_("Choisissez « Bloquer mon compte »."),
                    agent=FREEZE_ACCOUNT,
                    sought=SOUGHT,
                ),
            ),
            refusals=(StopLinkUnknown.id, StopLinkExpired.id, StopLinkAccountReopened.id),
        ),
        actions=(
            Action(
                name="freeze",
                label=N_("Bloquer mon compte"),
                answers=FreezeAccountAnswer,
                when=N_("Ce changement ne vient pas de vous ?"),
                is_irreversible=True,
            ),
            Action(
                name="mine",
                label=N_("C'était moi"),
                answers=RecogniseChangeAnswer,
                when=N_("C'était bien vous ? Rien ne change."),
            ),
        ),
    )
    recognised = FinalStep(
        code="ST-3",
        slug="compte-ouvert",
        copy=VoterAndAgentWords(
            title=N_("Rien n'est bloqué"),
            voter=(N_("Le compte de l'adresse {masked_address} reste ouvert : le changement venait de vous."),),
            agent=(N_("La personne a dit que le changement venait d'elle : rien n'a été bloqué."),),
        ),
        actions=(
            Action(
                name="back",
                label=N_("Revenir à la question"),
                answers=ReturnToQuestionAnswer,
                when=N_("Un doute ? Vous pouvez encore bloquer le compte, ici ou avec le lien du message."),
            ),
        ),
    )
    stopped = FinalStep(
        code="ST-2",
        slug="compte-bloque",
        copy=VoterAndAgentWords(
            title=N_("Votre compte est bloqué"),
            voter=(
                N_(
                    "Plus personne ne peut se connecter avec l'adresse {masked_address}, ni voter avec l'identifiant de ce compte."
                ),
                N_("Quelqu'un a pu lire vos messages ? Changez aussi le mot de passe de votre messagerie."),
                N_(
                    "L'assistance est prévenue du blocage, mais ne vous appelle pas d'elle-même. Pour faire rouvrir le compte, appelez-la : {desk_phone}, {desk_hours}. {vote_while_blocked}"
                ),
            ),
            agent=(N_("Le compte est bloqué. Vérifiez l'identité de la personne avant de le rouvrir."),),
        ),
    )
    desk_notice = MailOrSmsText(
        code="",  # sent to the desk
        subject=N_("Compte bloqué par son titulaire, dossier {case}"),
        body=(
            N_("Une personne signale un changement qui ne venait pas d'elle."),
            N_("Son compte est bloqué depuis le {frozen_at} (heure de Paris). Dossier : {case}."),
            N_("Elle doit vous appeler ; vérifiez son identité avant de rouvrir le compte."),
        ),
    )
    frozen_notice = MailOrSmsText(
        code=stopped.code,
        subject=N_("Votre compte a été bloqué par l'assistance"),
        body=(
            N_("Bonjour {first_name} {last_name},"),
            N_(
                "Votre compte pour « {election} » a été bloqué le {frozen_at} (heure de Paris), à la demande d'une personne qui a appelé en votre nom."
            ),
            N_("Plus personne ne peut s'y connecter."),
            N_("Pour le rouvrir, ou si ce n'était pas vous, appelez l'assistance au {desk_phone} ({desk_hours})."),
        ),
    )
    reopened_notice = MailOrSmsText(
        code=FIRST,
        subject=N_("Votre compte a été rouvert par l'assistance"),
        body=(
            N_("Bonjour {first_name} {last_name},"),
            N_(
                "Votre compte pour « {election} » a été rouvert le {reopened_at} (heure de Paris), à la demande d'une personne qui a appelé en votre nom."
            ),
            N_("L'ancien mot de passe ne fonctionne plus : choisissez-en un autre par « Mot de passe oublié »."),
            N_("Si ce n'était pas vous, appelez tout de suite l'assistance au {desk_phone} ({desk_hours})."),
        ),
    )
    flow = Flow(
        slug=SLUG,
        title=N_("Ce n'était pas moi"),
        steps=(confirm, stopped, recognised),
        beside=(recognised,),
        is_always_open=True,
        overview=FlowOverview(
            lets_you=N_(
                "Quelqu'un d'autre a changé votre mot de passe, ou demandé votre identifiant ? Bloquez votre compte."
            ),
            minutes=N_("Moins d'une minute, puis un appel à l'assistance."),
            needs=(N_("le message qui annonce le changement"), N_("un téléphone, pour appeler l'assistance")),
            begins=(
                N_("Ouvrez le message qui annonce le changement, puis choisissez « Ce n'était pas moi »."),
                N_("Vous n'avez plus ce message ? Appelez tout de suite l'assistance au {desk_phone} ({desk_hours})."),
            ),
            start=None,
            tries=N_("Une fois suffit. Seule l'assistance peut rouvrir le compte."),
            sought=SOUGHT,
        ),
    )


STOP_CHANGE = StopChangeFlow()

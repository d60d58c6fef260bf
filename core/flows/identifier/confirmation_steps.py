"""Steps ID-7 to ID-10, in which the voter confirms by email. They come after ID-3 and before ID-4."""

from dataclasses import dataclass

from core.flows.password.definition import SEARCH_FOR_MAIL
from core.forms import errors
from core.forms.flow_model import (
    AGAIN,
    Action,
    AskStep,
    AwaitMessageStep,
    CommonProblem,
    FinalStep,
    MailOrSmsText,
    Step,
    VoterAndAgentWords,
)
from core.policy.policy import Policy
from core.ports import EventType as Happened
from core.text.faces.mail_frame_texts import DESK_BY_TELEPHONE
from core.text.text import N_, NN_

SUBJECT = N_("Confirmez votre demande d'identifiant de vote")


@dataclass(frozen=True, slots=True)
class ResendConfirmationAnswer:
    pass


@dataclass(frozen=True, slots=True)
class ConfirmReissueAnswer:
    pass


@dataclass(frozen=True, slots=True)
class FollowIdentifierSmsAnswer:
    """At step ID-10, the voter goes on to the page about the SMS."""


class ConfirmationSteps:
    def __init__(self, policy: Policy) -> None:
        self.mail = _mail(policy)
        self.asked = _asked(self.mail.message)
        self.confirm = CONFIRM
        self.confirmed = CONFIRMED
        self.signed_in_as_another = N_(
            "Attention : cette demande concerne l'adresse {masked_address}, mais la session ouverte ici est celle de {other_address}. Si vous confirmez, cette session reste comme elle est."
        )
        self.happens_at: dict[str, Step] = {
            Happened.ASKED: self.asked,
            Happened.LINK_DECIDED: self.asked,
            Happened.LINK_OPENED: self.confirm,
            Happened.DEAD_LINK_OPENED: self.confirm,
            Happened.REISSUE_CONFIRMED: self.confirm,
        }


def _asked(message: MailOrSmsText) -> AwaitMessageStep:
    return AwaitMessageStep(
        code="ID-7",
        slug="confirmation",
        copy=VoterAndAgentWords(
            title=N_("Confirmez dans votre messagerie"),
            voter=(
                N_("Votre code est accepté. Un message est envoyé à votre adresse professionnelle."),
                N_(
                    "L'étape suivante est dans ce message : ouvrez-le, choisissez son lien et confirmez avant le {until} (heure de Paris)."
                ),
                N_("Envoi {sending} sur {sendings}, à {sent_at}."),
                N_("Vous pouvez ouvrir le lien sur un autre appareil : cette page s'actualise automatiquement."),
                N_("D'ici là, votre demande n'est pas décomptée et votre identifiant actuel fonctionne."),
            ),
            agent=(
                N_("Faites ouvrir la messagerie professionnelle."),
                N_("La page avance d'elle-même après la confirmation, sur cet appareil ou sur un autre."),
            ),
            common_problems=(
                CommonProblem(
                    symptom=N_("Le message n'arrive pas"),
                    voter=SEARCH_FOR_MAIL,
                    agent=N_("Faites regarder les courriers indésirables, puis lisez l'historique du dossier."),
                ),
                CommonProblem(
                    symptom=N_("Vous n'avez pas accès à votre messagerie"),
                    voter=N_("Appelez l'assistance : elle vous dira comment voter."),
                    agent=N_("Sans cette confirmation, aucun identifiant ne part. Ne cherchez pas à la contourner."),
                ),
            ),
        ),
        message=message,
        actions=(
            Action(
                name=AGAIN,
                label=N_("Renvoyer le message"),
                answers=ResendConfirmationAnswer,
                when=N_("Le message n'est toujours pas là ?"),
            ),
        ),
    )


def _mail(policy: Policy) -> AwaitMessageStep:
    minutes = policy.confirmation_valid_minutes
    return AwaitMessageStep(
        code="ID-8",
        slug="courriel",
        copy=VoterAndAgentWords(
            title=N_("Le message de confirmation"),
            voter=(
                N_("Ouvrez le message « {subject} ».", subject=SUBJECT),
                N_("Vérifiez que le numéro qui finit par {ending} est le vôtre."),
                N_("Choisissez le lien qu'il contient."),
            ),
            agent=(
                N_("Ne demandez jamais de lire ou de transférer le lien."),
                N_(
                    "Faites chercher le message « {subject} », aussi dans les courriers indésirables, puis ouvrir son lien.",
                    subject=SUBJECT,
                ),
            ),
            common_problems=(
                CommonProblem(
                    symptom=N_("Vous n'avez rien demandé"),
                    voter=N_("Ne confirmez pas. Choisissez « Ce n'était pas moi » : votre compte sera bloqué."),
                    agent=N_("Ne faites pas confirmer. Faites choisir « Ce n'était pas moi » dans le message."),
                ),
                CommonProblem(
                    symptom=N_("Le lien a expiré"),
                    voter=NN_(
                        "Recommencez la demande : un lien est valable {count} minute. Votre demande n'est pas décomptée.",
                        "Recommencez la demande : un lien est valable {count} minutes. Votre demande n'est pas décomptée.",
                        count=minutes,
                    ),
                    agent=NN_(
                        "Faites recommencer la demande : un lien est valable {count} minute. Rien n'est décompté.",
                        "Faites recommencer la demande : un lien est valable {count} minutes. Rien n'est décompté.",
                        count=minutes,
                    ),
                ),
            ),
            refusals=(
                errors.ConfirmationExpired.id,
                errors.ConfirmationUnknown.id,
                errors.ConfirmationUsed.id,
                errors.ConfirmationReplaced.id,
            ),
        ),
        elsewhere=True,
        message=MailOrSmsText(
            code="ID-8",
            subject=SUBJECT,
            body=(
                N_("Bonjour {first_name} {last_name},"),
                N_(
                    "Un nouvel identifiant de vote a été demandé le {requested_at} (heure de Paris) pour « {election} »."
                ),
                N_("Il partira par SMS vers le numéro qui finit par {ending}, si vous confirmez."),
                N_("Si c'est bien vous et votre numéro, ouvrez ce lien avant le {until} (heure de Paris) :"),
            ),
            action=N_("Voir et confirmer ma demande"),
            stop=N_("Ce n'était pas moi"),
            after=(
                N_("Sans confirmation, aucun identifiant n'est créé et le vôtre continue de fonctionner."),
                N_("Ne transmettez ce lien à personne, pas même à l'assistance."),
                DESK_BY_TELEPHONE,
            ),
        ),
    )


CONFIRM = AskStep(
    code="ID-9",
    slug="confirmer",
    copy=VoterAndAgentWords(
        title=N_("Confirmez votre demande"),
        voter=(
            N_(
                "Un nouvel identifiant de vote a été demandé pour l'adresse {masked_address} le {requested_at} (heure de Paris)."
            ),
            N_("Il partira par SMS vers le numéro qui finit par {ending}. L'ancien ne fonctionnera plus."),
            N_("Ne confirmez que si vous avez fait cette demande vous-même et que ce numéro est le vôtre."),
        ),
        agent=(
            N_("Demandez si la personne a fait la demande elle-même, et si le numéro affiché est le sien."),
            N_("Si oui, faites choisir « Confirmer la demande ». Dans le doute, n'allez pas plus loin."),
        ),
        common_problems=(
            CommonProblem(
                symptom=N_("Le numéro n'est pas le vôtre"),
                voter=N_("Ne confirmez pas. Choisissez « Ce n'était pas moi » dans le message."),
                agent=N_("Ne faites pas confirmer. Faites choisir « Ce n'était pas moi » dans le message."),
            ),
        ),
    ),
    actions=(Action(name="confirm", label=N_("Confirmer la demande"), answers=ConfirmReissueAnswer),),
)


CONFIRMED = FinalStep(
    code="ID-10",
    slug="confirme",
    copy=VoterAndAgentWords(
        title=N_("Votre demande est confirmée"),
        voter=(
            N_("L'identifiant est envoyé par SMS au numéro donné dans la demande."),
            N_("La page où vous avez fait la demande s'actualise automatiquement. Vous pouvez fermer celle-ci."),
        ),
        agent=(N_("La demande est confirmée. L'historique suit l'envoi."),),
    ),
    actions=(Action(name="follow", label=N_("Suivre l'envoi ici"), answers=FollowIdentifierSmsAnswer),),
)

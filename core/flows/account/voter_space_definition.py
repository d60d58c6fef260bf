"""Step of the EV flow: the page of a signed-in voter (*espace électeur*)."""

from dataclasses import dataclass

from core.forms.errors import SignInNeeded
from core.forms.flow_model import (
    NEW_IDENTIFIER,
    NEW_PASSWORD,
    RESUME,
    Action,
    ChooseStep,
    CommonProblem,
    Flow,
    FlowOverview,
    FlowSteps,
    VoterAndAgentWords,
)
from core.text.text import N_, Text

SLUG = "espace"


@dataclass(frozen=True, slots=True)
class StartPasswordChangeAnswer:
    pass


@dataclass(frozen=True, slots=True)
class ResumeRequestAnswer:
    """The voter returns to a request that waits for a code or a confirmation."""


@dataclass(frozen=True, slots=True)
class StartIdentifierRequestAnswer:
    pass


@dataclass(frozen=True, slots=True)
class SignOutAnswer:
    pass


class VoterSpaceFlow(FlowSteps):
    sign_out: Action[object] = Action(name="sign-out", label=N_("Se déconnecter"), answers=SignOutAnswer)
    home = ChooseStep(
        code="EV-1",
        slug="accueil",
        copy=VoterAndAgentWords(
            title=N_("Bonjour {first_name} {last_name}"),
            voter=(
                N_("Votre session est ouverte avec l'adresse {masked_address} jusqu'à {session_until}."),
                N_("Votre mot de passe fonctionne : gardez-le pour voter. Vous l'avez choisi le {password_set}."),
                Text("{vote_dates} {where_to_vote}"),  # sentences of `vote_dates_sentence` and of ElectionContact
                N_("{identifier} Perdu, ou jamais reçu ? {reissues}"),  # a sentence of `identifier_sentence`
            ),
            agent=(N_("La personne est connectée : son mot de passe fonctionne."),),
            common_problems=(
                CommonProblem(
                    symptom=N_("La session s'est terminée"),
                    voter=N_("Connectez-vous de nouveau : rien n'est perdu."),
                    agent=N_("Faites recommencer la connexion depuis l'accueil."),
                ),
                CommonProblem(
                    symptom=N_("Une demande est en cours"),
                    voter=N_("Choisissez « Reprendre ma demande en cours », proposé tant qu'elle est valable."),
                    agent=N_("Faites choisir « Reprendre ma demande en cours », proposé tant qu'elle est valable."),
                ),
            ),
            refusals=(SignInNeeded.id,),
        ),
        actions=(
            Action(name=RESUME, label=N_("Reprendre ma demande en cours"), answers=ResumeRequestAnswer),
            Action(
                name=NEW_IDENTIFIER,
                label=N_("Demander un nouvel identifiant de vote"),
                answers=StartIdentifierRequestAnswer,
            ),
            Action(name=NEW_PASSWORD, label=N_("Changer mon mot de passe"), answers=StartPasswordChangeAnswer),
            sign_out,
        ),
    )
    flow = Flow(
        slug=SLUG,
        title=N_("Espace électeur"),
        steps=(home,),
        overview=FlowOverview(
            lets_you=N_("Vous vérifiez que votre mot de passe fonctionne. Vous pouvez aussi en changer."),
            minutes=N_("Le temps de vous connecter."),
            needs=(N_("votre adresse professionnelle"), N_("votre mot de passe")),
            tries=N_("Autant de fois que vous voulez."),
            begins=(N_("Ouvrez le site, donnez votre adresse, puis connectez-vous avec votre mot de passe."),),
            sought=N_("espace, session, déconnecter, déconnexion, compte, connecté, profil, fermer la session"),
        ),
    )


VOTER_SPACE = VoterSpaceFlow()

"""EV, the voter space (*espace électeur*): what one finds after signing in."""

from dataclasses import dataclass

from core.errors import SignInNeeded
from core.steps import Act, Brief, Choose, Copy, Flow, Trouble
from core.text import N_


@dataclass(frozen=True, slots=True)
class NewPasswordWanted:
    """EV-1: to change the password, by the same way as a lost one."""


@dataclass(frozen=True, slots=True)
class IdentifierLost:
    """EV-1: to the way to a new voting identifier."""


@dataclass(frozen=True, slots=True)
class SignOut:
    """EV-1: the session ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceFlow:
    """The flow and its step."""

    flow: Flow
    home: Choose


def space_flow() -> SpaceFlow:
    """The voter space."""
    home = Choose(
        code="EV-1",
        slug="accueil",
        copy=Copy(
            title=N_("Bonjour {first_name} {last_name}"),
            voter=(
                N_(
                    "Votre session est ouverte avec l'adresse {masked_address}, jusqu'à {session_until} (heure de Paris)."
                ),
                N_("Mot de passe choisi le {password_set} (heure de Paris)."),
                N_("Identifiant de vote perdu, ou jamais reçu ? {reissues}"),
                N_("D'ici, vous pouvez aussi changer de mot de passe : un message vous sera envoyé."),
            ),
            agent=(N_("La personne est connectée : son mot de passe fonctionne."),),
            troubles=(
                Trouble(
                    sign=N_("La session s'est terminée"),
                    voter=N_("Connectez-vous de nouveau : rien n'est perdu."),
                    agent=N_("Faites recommencer la connexion depuis l'accueil."),
                ),
            ),
            refusals=(SignInNeeded.id,),
        ),
        acts=(
            Act(name="new-identifier", label=N_("Demander un nouvel identifiant de vote"), answers=IdentifierLost),
            Act(name="new-password", label=N_("Changer mon mot de passe"), answers=NewPasswordWanted),
            Act(name="sign-out", label=N_("Se déconnecter"), answers=SignOut),
        ),
    )
    brief = Brief(
        lets_you=N_("Vous vérifiez que votre mot de passe fonctionne. Vous pouvez aussi en changer."),
        minutes=N_("Le temps de vous connecter."),
        needs=(N_("votre adresse professionnelle"), N_("votre mot de passe")),
        tries=N_("Autant de fois que vous voulez."),
        begins=(N_("Ouvrez le site, donnez votre adresse, puis connectez-vous avec votre mot de passe."),),
        sought=N_("espace, session, déconnecter, déconnexion, compte, connecté, profil, fermer la session"),
    )
    return SpaceFlow(flow=Flow(slug="espace", title=N_("Espace électeur"), steps=(home,), brief=brief), home=home)

"""The part of the start page below the form: advice and the election's calendar."""

from dataclasses import dataclass

from core.flows.help_situations import VoterSituation, voter_situations
from core.flows.identifier.definition import IdentifierFlow
from core.flows.password.definition import ADDRESS_FIELD, PasswordFlow
from core.forms.flow_model import Flow
from core.policy.calendar import Calendar
from core.policy.policy import Policy
from core.text.contact import ElectionContact
from core.text.text import N_, Moment, Text

MAILBOX = "mailbox"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LostThingChoice:
    """Advice for a voter in one situation. `title` names the situation, for example a lost password."""

    id: str
    title: Text
    steps: tuple[Text, ...]
    guides: tuple[Flow, ...] = ()
    situations: tuple[VoterSituation, ...] = ()

    @property
    def in_question(self) -> bool:
        """True if a link above the form leads to this advice."""
        return bool(self.guides)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StartPageBelowForm:
    """The part of the start page below the form."""

    calendar: tuple[Text, ...]
    lost: tuple[LostThingChoice, ...]
    first_input: str = ADDRESS_FIELD.name
    """The link below the advice leads to the input with this id."""


FROM_THE_FORM = N_("Donnez votre adresse professionnelle sur cette page, puis choisissez « Continuer ».")
THEN_FORGOTTEN = N_("Choisissez « Mot de passe oublié » : un message avec un lien vous est envoyé.")
THEN_SIGN_IN = N_("Connectez-vous avec votre mot de passe.")
THEN_IDENTIFIER = N_("Choisissez « Demander un nouvel identifiant de vote » : il arrive par SMS.")
NEEDED = N_("Ayez sous la main un téléphone mobile et votre NUMEN.")


def start_page_below_form(
    policy: Policy, calendar: Calendar, election: ElectionContact | None = None
) -> StartPageBelowForm:
    password, identifier = PasswordFlow(policy), IdentifierFlow(policy)
    situations = voter_situations(policy, election)
    mailbox = next(situation for situation in situations if situation.id == MAILBOX)
    opens, vote_opens, closes = (
        Moment(calendar.to_local(moment))
        for moment in (calendar.recovery_opens, calendar.vote_opens, calendar.vote_closes)
    )
    return StartPageBelowForm(
        calendar=(
            N_("Ouverture du service : {opens_at} (heure de Paris).", opens_at=opens),
            N_("Début du vote : {vote_opens}.", vote_opens=vote_opens),
            N_("Fin du vote : {vote_closes}.", vote_closes=closes),
        ),
        lost=(
            LostThingChoice(
                id="password",
                title=N_("Mot de passe"),
                steps=(FROM_THE_FORM, THEN_FORGOTTEN),
                guides=(password.flow,),
            ),
            LostThingChoice(
                id="identifier",
                title=N_("Identifiant de vote"),
                steps=(NEEDED, FROM_THE_FORM, THEN_SIGN_IN, THEN_IDENTIFIER),
                guides=(identifier.flow,),
            ),
            LostThingChoice(
                id="both",
                title=N_("Les deux"),
                steps=(
                    N_("Commencez par le mot de passe : il ouvre l'espace où se demande l'identifiant."),
                    FROM_THE_FORM,
                    THEN_FORGOTTEN,
                    N_("Ouvrez le lien du message et choisissez un mot de passe, puis connectez-vous avec lui."),
                    THEN_IDENTIFIER,
                ),
                guides=(password.flow, identifier.flow),
            ),
            LostThingChoice(id=mailbox.id, title=mailbox.title, steps=mailbox.steps, situations=(mailbox,)),
            LostThingChoice(
                id="something-else",
                title=N_("Une autre situation"),
                steps=(N_("L'assistance répond au {desk_phone}, {desk_hours}."),),
                situations=tuple(situation for situation in situations if situation is not mailbox),
            ),
        ),
    )

"""What now, in the re-issue of an identifier: which step a state shows, and what is printed beside its words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from core import errors
from core.flows.identifier import IdentifierFlow
from core.policy import Calendar, Policy
from core.reissue import (
    Closed,
    CodeSent,
    Delivered,
    GivenUp,
    InForce,
    Opened,
    Ordered,
    Sent,
    State,
    Terms,
    Undelivered,
)
from core.steps import Shown
from core.text import N_, NN_, Moment, Text, TimeOfDay

NOT_YET = N_("L'opérateur n'a pas encore confirmé la remise.")
NEVER = N_(
    "L'opérateur de téléphonie n'a jamais dit si le SMS est arrivé, et ne le dira sans doute plus. Si vous ne l'avez pas, faites une autre demande ou appelez l'assistance."
)
TOO_LATE = "too-late"
"""Why a re-issue was given up: nothing answered in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a voter may still do: re-issues left, and wrong codes left before a pause."""

    reissues_left: int
    codes_left: int


@dataclass(frozen=True, slots=True)
class ReissueJourney:
    """Which step is shown, under this policy and calendar."""

    steps: IdentifierFlow
    policy: Policy
    calendar: Calendar

    def begin(self, account: Account) -> Shown:
        """Where one asks, whatever came before."""
        return Shown(step=self.steps.begin, facts={"reissues": self.left(account)})

    def left(self, account: Account) -> Text:
        """How many re-issues are left, of how many, until when."""
        most = self.policy.reissues
        if account.reissues_left == 0:
            return N_("Vous n'avez plus de demande possible : {most} au plus par personne.", most=most)
        return NN_(
            "Il vous reste {count} demande sur {most}, jusqu'au {closes_at} (heure de Paris).",
            "Il vous reste {count} demandes sur {most}, jusqu'au {closes_at} (heure de Paris).",
            count=account.reissues_left,
            most=most,
            closes_at=Moment(self.calendar.local(self.calendar.vote_closes)),
        )

    def step_for(self, state: State, number: str, account: Account, *, now: datetime) -> Shown:
        """The step of that state; the clock decides whether the code may be sent again, and whether a report may still come."""
        match state:
            case Opened():
                return Shown(step=self.steps.identity, case=number)
            case CodeSent():
                return self._code(state, number, account, now)
            case Closed():
                return self.begin(account)
            case Ordered() | InForce():
                return self._sending(state, number)
            case Sent() | Delivered():
                return self._done(state, number, account, now)
            case Undelivered() | GivenUp():
                facts = {**failure_facts(state), "reissues": self.left(account)}
                return Shown(step=self.steps.failed, facts=facts, case=number)
            case _:
                assert_never(state)

    def _code(self, state: CodeSent, number: str, account: Account, now: datetime) -> Shown:
        code, local = state.code, self.calendar.local
        again_from = code.again_from(Terms.of(self.policy))
        facts = {
            "ending": state.number.ending,
            "sending": code.sendings,
            "sendings": self.policy.code_sendings,
            "sent_at": TimeOfDay(local(code.sent)),
            "code_until": TimeOfDay(local(code.valid_until)),
            "again_from": TimeOfDay(local(again_from)),
            "may_ask_again": now >= again_from,
            "tries": errors.tries_left(account.codes_left, pause_minutes=self.policy.code_pause_minutes),
        }
        return Shown(step=self.steps.code, facts=facts, case=number, moving=True)

    def _sending(self, state: Ordered | InForce, number: str) -> Shown:
        facts = {"ending": state.number.ending}
        return Shown(step=self.steps.sending, facts=facts, case=number, notices=(self._progress(state),), moving=True)

    def _progress(self, state: Ordered | InForce) -> Text:
        match state:
            case Ordered(late=None):
                return N_("Votre identifiant se prépare.")
            case Ordered(late=late) if late is not None:
                return N_(
                    "Le service de vote ne répond pas depuis {late_since} (heure de Paris). L'envoi partira dès son retour. Rien n'est décompté d'ici là.",
                    late_since=TimeOfDay(self.calendar.local(late)),
                )
            case _:
                return N_(
                    "Le nouvel identifiant est en place, l'ancien ne fonctionne plus. Le SMS attend l'opérateur de téléphonie."
                )

    def _done(self, state: Sent | Delivered, number: str, account: Account, now: datetime) -> Shown:
        facts = {
            "ending": state.number.ending if isinstance(state, Sent) else state.ending,
            "sent_at": TimeOfDay(self.calendar.local(state.sent)),
            "reissues": self.left(account),
        }
        reported = self._reported(state, now)
        return Shown(step=self.steps.done, facts=facts, case=number, notices=(reported,), moving=reported is NOT_YET)

    def _reported(self, state: Sent | Delivered, now: datetime) -> Text:
        """What is known of the SMS. A report may be lost on its way; none comes once the operator has given the SMS up."""
        if isinstance(state, Delivered):
            return N_("Votre téléphone a reçu le SMS.")
        given_up = state.sent + timedelta(minutes=self.policy.identifier_useful_minutes)
        return NOT_YET if now < given_up else NEVER


def failure_facts(state: Undelivered | GivenUp) -> dict[str, object]:
    """What happened to an identifier that did not arrive, and whether it is counted: for the page and the mail."""
    if isinstance(state, GivenUp):
        late = state.reason == TOO_LATE
        outcome = (
            N_(
                "Le service de vote n'a pas répondu à temps : aucun nouvel identifiant n'a été créé. L'ancien fonctionne toujours."
            )
            if late
            else N_(
                "Le service de vote a refusé cette demande : aucun nouvel identifiant n'a été créé. Appelez l'assistance."
            )
        )
        return {"outcome": outcome, "counted": errors.NOTHING_IS_COUNTED}
    outcome = N_(
        "Le SMS n'a pas pu être remis au numéro qui finit par {ending}. L'ancien identifiant ne fonctionne plus.",
        ending=state.ending,
    )
    counted = N_("Cette demande reste décomptée.") if not state.given_back else N_("Cette demande n'est pas décomptée.")
    return {"outcome": outcome, "counted": counted}

"""Chooses the step to show for an identifier request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from core.flows.identifier.definition import IdentifierFlow
from core.flows.identifier.sent_security_code import ResendLimits
from core.flows.identifier.states import (
    ClosedByWrongCodes,
    CodeQueued,
    CodeSent,
    ConfirmationAwaited,
    IdentifierFromPlatform,
    IdentifierInForce,
    IdentifierRevoked,
    IdentifierSmsDelivered,
    IdentifierSmsSent,
    IdentifierSmsUndelivered,
    ReissueAborted,
    ReissueOpened,
    ReissueOrdered,
    State,
)
from core.flows.identifier.voter_limits import round_up_to_minute
from core.forms import errors
from core.forms.flow_model import REFRESH_SOON, ShownStep
from core.policy.calendar import Calendar
from core.policy.policy import Policy
from core.text.text import N_, NN_, Moment, Text, TimeOfDay

NOT_YET = N_("Le SMS est parti. Sa remise n'est pas encore confirmée.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDeliverySentences:
    """Say at step ID-3 where the security code is. `expected` is shown after two minutes without a report."""

    under_way: Text
    expected: Text
    arrived: Text
    failed: Text


CODE_BY_SMS = CodeDeliverySentences(
    under_way=N_("Un SMS part vers le numéro qui finit par {ending}."),
    expected=N_(
        "Le SMS a dû arriver au numéro qui finit par {ending}. S'il n'est pas là, vérifiez ce numéro et le réseau."
    ),
    arrived=N_("Le SMS est arrivé au numéro qui finit par {ending}."),
    failed=N_(
        "Le SMS n'a pas pu être remis au numéro qui finit par {ending}. Vérifiez ce numéro et le réseau du téléphone. Vous pouvez redemander un code à partir de {again_from} (heure de Paris), ou changer de numéro."
    ),
)
CODE_BY_CALL = CodeDeliverySentences(
    under_way=N_("Nous appelons le numéro qui finit par {ending} pour dire le code deux fois. Décrochez vous-même."),
    expected=N_(
        "Le numéro qui finit par {ending} a dû recevoir notre appel. Si le téléphone n'a pas sonné, vérifiez le réseau et gardez la ligne libre, puis redemandez le code."
    ),
    arrived=N_(
        "L'appel au numéro qui finit par {ending} a été décroché. Saisissez le code que vous avez entendu, ou redemandez-le."
    ),
    failed=N_(
        "L'appel au numéro qui finit par {ending} n'a pas abouti. Gardez le téléphone à portée de main et la ligne libre. Vous pouvez redemander un code à partir de {again_from} (heure de Paris)."
    ),
)
CODE_VALID_UNTIL = N_("Le code est valable jusqu'à {code_until} (heure de Paris).")
CODE_EXPIRED_AT = N_("Le code n'est plus valable depuis {code_until} (heure de Paris).")
CODE_EXPECTED_WITHIN = timedelta(minutes=2)
NEVER = N_(
    "L'opérateur n'a pas confirmé l'arrivée du SMS. Si vous ne l'avez pas reçu, faites une autre demande s'il vous en reste, ou appelez l'assistance."
)
UNCONFIRMED = N_(
    "La demande n'a pas été confirmée avant le {until} (heure de Paris) : aucun nouvel identifiant n'a été créé. L'ancien fonctionne toujours."
)
NOT_COUNTED = N_("Cette demande n'est pas décomptée.")
NO_REQUEST_LEFT = N_("Vous n'avez plus de demande possible : {most} au plus par personne. Appelez l'assistance.")
TOO_LATE = "too-late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    reissues_left: int
    codes_left: int
    paused: bool = False
    """True while the voter must wait after too many wrong codes."""


@dataclass(frozen=True, slots=True)
class ReissueStepChooser:
    steps: IdentifierFlow
    policy: Policy
    calendar: Calendar

    @property
    def whole_allowance(self) -> Allowance:
        return Allowance(reissues_left=self.policy.reissues, codes_left=self.policy.code_tries)

    def show_request_step(self, allowance: Allowance) -> ShownStep:
        facts = {
            "reissues": self.reissues_left_sentence(allowance),
            "may_request": allowance.reissues_left > 0 and not allowance.paused,
        }
        return ShownStep(step=self.steps.begin, facts=facts)

    def reissues_left_sentence(self, allowance: Allowance) -> Text:
        most = self.policy.reissues
        if allowance.reissues_left == 0:
            return N_(
                "Vous n'avez plus de demande possible : {most} au plus par personne. Si le SMS de la dernière est arrivé, retrouvez-le. Sinon, appelez l'assistance.",
                most=most,
            )
        return NN_(
            "Il vous reste {count} demande sur {most}.",
            "Il vous reste {count} demandes sur {most}.",
            count=allowance.reissues_left,
            most=most,
        )

    def identifier_sentence(self, state: object) -> Text:
        """Return the sentence for voters who have their identifier. If a new one was sent, it says when."""
        if isinstance(state, IdentifierSmsSent | IdentifierSmsDelivered):
            return N_(
                "Votre nouvel identifiant de vote vous a été envoyé par SMS le {sent_at} (heure de Paris). Si vous l'avez, vous n'avez plus rien à faire ici.",
                sent_at=Moment(self.calendar.to_local(state.sent)),
            )
        return N_("Vous avez votre identifiant de vote ? Vous n'avez plus rien à faire ici.")

    def step_for(self, state: State, number: str, allowance: Allowance, *, now: datetime) -> ShownStep:
        match state:
            case ReissueOpened():
                return ShownStep(step=self.steps.identity, case=number)
            case CodeQueued() | CodeSent() | ConfirmationAwaited():
                return (
                    self._confirmation(state, number, allowance, now)
                    if isinstance(state, ConfirmationAwaited)
                    else self._code(state, number, allowance, now)
                )
            case ClosedByWrongCodes() | IdentifierFromPlatform():
                return self.show_request_step(allowance)
            case ReissueOrdered() | IdentifierInForce():
                return self._sending(state, number)
            case IdentifierSmsSent() | IdentifierSmsDelivered():
                return self._done(state, number, allowance, now)
            case IdentifierSmsUndelivered() | IdentifierRevoked() | ReissueAborted():
                return self._failed(undelivered_identifier_facts(state), number, allowance)
            case _:
                assert_never(state)

    def _code(self, state: CodeQueued | CodeSent, number: str, allowance: Allowance, now: datetime) -> ShownStep:
        own = self._queued_facts(state, now) if isinstance(state, CodeQueued) else self._sent_facts(state, now)
        tries = errors.code_tries_left_sentence(allowance.codes_left, pause_minutes=self.policy.code_pause_minutes)
        facts = {"ending": state.number.ending, **own, "tries": tries}
        if allowance.codes_left < self.policy.code_tries:
            facts["validity"] = Text("{validity} {tries}").fill(facts)
        return ShownStep(step=self.steps.code, facts=facts, case=number, refresh_after=REFRESH_SOON)

    def _sent_facts(self, state: CodeSent, now: datetime) -> dict[str, object]:
        code, ending, local = state.code, state.number.ending, self.calendar.to_local
        earliest = ResendLimits.of_code(self.policy).resend_allowed_from(code.sent, code.valid_until, code.sendings)
        again_from, until = TimeOfDay(local(earliest)), TimeOfDay(local(code.valid_until))
        valid = now < code.valid_until
        validity = CODE_VALID_UNTIL if valid else CODE_EXPIRED_AT
        call_from = code.call_possible_from(self.policy) if valid else None
        sentences = CODE_BY_CALL if code.by_call else CODE_BY_SMS
        waiting = sentences.under_way if now < code.sent + CODE_EXPECTED_WITHIN else sentences.expected
        destination = sentences.failed if code.failed else sentences.arrived if code.arrived else waiting
        return {
            "destination": destination.fill({"ending": ending, "again_from": again_from}),
            "sending": N_(
                "Envoi {number} sur {sendings}, à {sent_at}.",
                number=code.sendings,
                sendings=self.policy.code_sendings,
                sent_at=TimeOfDay(local(code.sent)),
            ),
            "validity": validity.fill({"code_until": until}),
            "code_until": until,
            "again_from": again_from,
            "may_ask_again": now >= earliest,
            "may_call": code.may_be_called(now, self.policy),
            **({} if call_from is None else {"call_from": TimeOfDay(local(call_from))}),
        }

    def _queued_facts(self, state: CodeQueued, now: datetime) -> dict[str, object]:
        expected = self.calendar.to_local(round_up_to_minute(max(state.expected, now)))
        if expected.date() == self.calendar.to_local(now).date():
            when = N_("à {expected}", expected=TimeOfDay(expected))
        else:
            when = N_("le {expected}", expected=Moment(expected))
        return {
            "destination": N_(
                "Un SMS partira {when} (heure de Paris) vers le numéro qui finit par {ending}.",
                when=when,
                ending=state.number.ending,
            ),
            "sending": N_("Il attend son tour. Vous n'avez rien à faire : il sera envoyé automatiquement."),
            "validity": NN_(
                "Le code sera valable {count} minute à partir de son envoi.",
                "Le code sera valable {count} minutes à partir de son envoi.",
                count=self.policy.code_valid_minutes,
            ),
            "again_from": TimeOfDay(expected),
            "may_ask_again": False,
            "may_call": False,
        }

    def _confirmation(self, state: ConfirmationAwaited, number: str, allowance: Allowance, now: datetime) -> ShownStep:
        if self.steps.confirmation is None:  # the policy no longer requires it
            return self.show_request_step(allowance)
        local, facts = self.calendar.to_local, self.confirmation_facts(state)
        if state.is_lapsed(now):
            failure = {"outcome": UNCONFIRMED.fill(facts), "counted": NOT_COUNTED}
            return self._failed(failure, number, allowance)
        terms = ResendLimits.of_confirmation(self.policy)
        again_from = terms.resend_allowed_from(state.asked, state.until, state.sendings)
        shown = {
            **facts,
            "sending": state.sendings,
            "sendings": self.policy.confirmation_sendings,
            "sent_at": TimeOfDay(local(state.asked)),
            "again_from": TimeOfDay(local(again_from)),
            "may_ask_again": now >= again_from,
        }
        return ShownStep(
            step=self.steps.confirmation.asked,
            facts=shown,
            case=number,
            refresh_after=REFRESH_SOON,
            message_language=state.number.language,
        )

    def confirmation_facts(self, state: ConfirmationAwaited) -> dict[str, object]:
        local = self.calendar.to_local
        return {
            "ending": state.number.ending,
            "requested_at": Moment(local(state.asked)),
            "until": Moment(local(state.until)),
        }

    def _sending(self, state: ReissueOrdered | IdentifierInForce, number: str) -> ShownStep:
        facts = {"ending": state.number.ending}
        return ShownStep(
            step=self.steps.sending,
            facts=facts,
            case=number,
            notices=(self._progress(state),),
            refresh_after=REFRESH_SOON,
        )

    def _progress(self, state: ReissueOrdered | IdentifierInForce) -> Text:
        match state:
            case ReissueOrdered(late=None):
                return N_("Nous préparons votre identifiant.")
            case ReissueOrdered(late=late) if late is not None:
                return N_(
                    "Le service de vote ne répond pas depuis le {late_since} (heure de Paris). Le SMS sera envoyé dès qu'il répondra. Votre demande n'est pas décomptée d'ici là.",
                    late_since=Moment(self.calendar.to_local(late)),
                )
            case _:
                return N_(
                    "Le nouvel identifiant est actif, l'ancien ne fonctionne plus. L'opérateur n'a pas encore pris en charge le SMS."
                )

    def _done(
        self,
        state: IdentifierSmsSent | IdentifierSmsDelivered,
        number: str,
        allowance: Allowance,
        now: datetime,
    ) -> ShownStep:
        facts = {
            "ending": state.number.ending if isinstance(state, IdentifierSmsSent) else state.ending,
            "sent_at": Moment(self.calendar.to_local(state.sent)),
            "reissues": self.reissues_left_sentence(allowance),
        }
        reported = self._reported(state, now)
        return ShownStep(
            step=self.steps.done,
            facts=facts,
            case=number,
            notices=(reported,),
            refresh_after=REFRESH_SOON if reported is NOT_YET else None,
        )

    def _failed(self, failure: Mapping[str, object], number: str, allowance: Allowance) -> ShownStep:
        shown = self.show_request_step(allowance).facts
        if allowance.reissues_left == 0:  # there is no SMS whose identifier works
            shown = {**shown, "reissues": NO_REQUEST_LEFT.fill({"most": self.policy.reissues})}
        return ShownStep(step=self.steps.failed, facts={**failure, **shown}, case=number)

    def _reported(self, state: IdentifierSmsSent | IdentifierSmsDelivered, now: datetime) -> Text:
        if isinstance(state, IdentifierSmsDelivered):
            return N_("Votre téléphone a reçu le SMS.")
        last_report_at = state.sent + timedelta(minutes=self.policy.identifier_useful_minutes)
        return NOT_YET if now < last_report_at else NEVER


def undelivered_identifier_facts(
    state: IdentifierSmsUndelivered | IdentifierRevoked | ReissueAborted,
) -> dict[str, object]:
    """Return the sentences about an undelivered identifier."""
    if isinstance(state, ReissueAborted):
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
        return {"outcome": outcome, "counted": NOT_COUNTED}
    if isinstance(state, IdentifierRevoked):
        outcome = N_(
            "Vous avez dit que ce n'était pas vous : l'identifiant envoyé ne fonctionne pas, et l'ancien non plus."
        )
    elif state.in_force:
        outcome = N_(
            "Le SMS n'a pas pu être remis au numéro qui finit par {ending}. L'ancien identifiant ne fonctionne plus : il vous en faut un nouveau pour voter.",
            ending=state.ending,
        )
    else:
        outcome = N_(
            "Le service de vote n'a pas confirmé à temps le nouvel identifiant : aucun SMS n'est parti. L'ancien fonctionne peut-être encore : essayez-le d'abord."
        )
    counted = NOT_COUNTED if state.given_back else N_("Cette demande reste décomptée.")
    return {"outcome": outcome, "counted": counted}

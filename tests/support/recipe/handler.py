"""The handler of the recipe flow. It stores cases, and seals the case number in the link of the mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from core.flows.dependencies import Dependencies
from core.flows.flow_handler import FlowHandler, StepResult, UnhandledAnswerError, Visit
from core.forms.errors import Refusal
from core.forms.flow_model import FieldRejected, FlowSteps, FormErrors, ShownStep, Step
from core.ports import Actor, Event, RecoveryCase, Transaction
from core.security import tokens
from tests.support.recipe.definition import (
    MISREAD,
    OPENED,
    ORDER,
    ORDERED,
    OVEN,
    POSTED,
    SERVED,
    SLUG,
    TABLE,
    TASTE,
    Baked,
    OnceMore,
    Recipe,
    Savoury,
    Sweet,
    WrongRecipeCode,
)
from tests.support.recipe.states import Cooking, Ordered, Served

INVITATION_KIND = "recette-invitation"
"""Kind of the invitation in the outbox."""
LINK_KEY = "recette-link"
OVEN_CODE = "004217"


@dataclass(frozen=True)
class RecipeHandler(FlowHandler):
    steps: FlowSteps
    dependencies: Dependencies

    def show(self, step: Step, visit: Visit) -> ShownStep:
        """Show the current step of the visitor's case. The first step is open to everybody."""
        case = self._case(visit)
        if case is None or step is ORDER:
            return ShownStep(step=ORDER)
        return self._shown(case, invited=visit.link is not None)

    def current_step(self, case: RecoveryCase) -> ShownStep:
        return self._shown(case, invited=False)

    def _shown(self, case: RecoveryCase, *, invited: bool) -> ShownStep:
        match case.state:
            case Cooking():
                return ShownStep(step=OVEN, case=case.number)
            case Served(dish=dish):
                return ShownStep(step=TABLE, facts={"dish": dish}, case=case.number)
            case Ordered(born=born) if invited:
                return ShownStep(step=TASTE, facts={"born": born}, case=case.number)
            case _:
                return ShownStep(step=POSTED, case=case.number)

    def answer(self, answer: object, visit: Visit) -> StepResult:
        """Order, cook or serve the recipe."""
        case = self._case(visit)
        match answer, None if case is None else case.state:
            case Recipe(), _:
                return self._order(answer, visit)
            case Sweet() | Savoury(), Ordered() as state if case is not None:
                dish = answer.new_password if isinstance(answer, Sweet) else "Quiche"
                with self.dependencies.store.write() as transaction:
                    transaction.recoveries.update_state(case, state.cook(dish))
                return StepResult(OVEN, visit)
            case Baked(code=code), Cooking() as state if case is not None:
                if code != OVEN_CODE:
                    raise FormErrors({"code": WrongRecipeCode()})
                with self.dependencies.store.write() as transaction:
                    transaction.recoveries.update_state(case, state.serve())
                    self._note(transaction, SERVED, case)
                return StepResult(TABLE, visit)
            case OnceMore(), _:
                return StepResult(ORDER, visit.with_(case=None, link=None))
            case _:
                raise UnhandledAnswerError(type(answer).__name__)

    def _order(self, answer: Recipe, visit: Visit) -> StepResult:
        now, entropy = self.dependencies.clock.now(), self.dependencies.entropy
        handle = tokens.new_case_handle(entropy)
        case = RecoveryCase(
            handle=tokens.digest(handle),
            number=tokens.new_case_number(entropy),
            flow=SLUG,
            state=Ordered(born=answer.birth_date.isoformat()),
            began=now,
        )
        with self.dependencies.store.write() as transaction:
            voter = transaction.voters.by_address(answer.email.key)
            known = None if voter is None else voter.id
            transaction.recoveries.add(case, voter=known)
            transaction.outbox.put(
                kind=INVITATION_KIND, case=case.number, at=now, useful_until=now + timedelta(hours=1), voter=known
            )
            self._note(transaction, ORDERED, case)
        return StepResult(POSTED, visit.with_(case=handle, link=None))

    def link_token(self, number: str) -> str:
        """Return the token of the link in the mail, which is the sealed case number."""
        return tokens.base64url_encode(self.dependencies.vault.seal(LINK_KEY, number.encode(), context=b""))

    def observe(self, token: str) -> None:
        case = self._invited(token)
        if case is not None:
            with self.dependencies.store.write() as transaction:
                self._note(transaction, OPENED, case)

    def _case(self, visit: Visit) -> RecoveryCase | None:
        if visit.link is not None:
            return self._invited(visit.link)
        if visit.case is None:
            return None
        with self.dependencies.store.read() as transaction:
            found = transaction.recoveries.by_handle(tokens.digest(visit.case))
        return found if found is not None and found.flow == SLUG else None

    def _invited(self, token: str) -> RecoveryCase | None:
        sealed = tokens.base64url_decode(token)
        clear = None if sealed is None else self.dependencies.vault.open(LINK_KEY, sealed, context=b"")
        if clear is None:
            return None
        with self.dependencies.store.read() as transaction:
            return transaction.recoveries.by_number(clear.decode())

    def record_unreadable_fields(self, step: Step, problems: Mapping[str, FieldRejected], visit: Visit) -> None:  # noqa: ARG002  # written alike for everyone
        with self.dependencies.store.write() as transaction:
            for problem in problems.values():
                self._note(transaction, MISREAD, None, problem.id)

    def record_refusal(self, step: Step, refusal: Refusal, visit: Visit) -> None:
        """Do nothing, because this flow never refuses a whole step."""

    def _note(self, transaction: Transaction, event: str, case: RecoveryCase | None, reason: str | None = None) -> None:
        number = None if case is None else case.number
        transaction.journal.write(
            Event(at=self.dependencies.clock.now(), actor=Actor.VOTER, act=event, case=number, reason=reason)
        )

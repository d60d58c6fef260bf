"""The re-issue of the help's fictional voter."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from core.flows.identifier.codes import SealedPhoneNumber, SendingTerms
from core.flows.identifier.current_step import AccountLimits, ReissueSteps
from core.flows.identifier.definition import EXAMPLE_PHONE
from core.flows.identifier.states import CodeSent, ReissueOpened
from core.forms import errors
from core.forms.model import ShownStep
from core.policy.policy import Policy
from core.text.text import Moment, Text, TimeOfDay

HOUR = timedelta(hours=1)
PHONE = SealedPhoneNumber(sealed=b"", digest=b"", ending=EXAMPLE_PHONE[-2:], region="FR")


def reissues_left(current_step: ReissueSteps, policy: Policy) -> Text:
    """Return the sentence about the re-issues that a voter has before the first."""
    return current_step.reissues_left(AccountLimits(reissues_left=policy.reissues, codes_left=policy.code_tries))


def example_steps(current_step: ReissueSteps, policy: Policy, case: str, asked: datetime) -> Iterator[ShownStep]:
    """A request is counted once the code is accepted, and given back when the SMS is not delivered."""
    whole = AccountLimits(reissues_left=policy.reissues, codes_left=policy.code_tries)
    less = AccountLimits(reissues_left=policy.reissues - 1, codes_left=policy.code_tries)
    opened = ReissueOpened(voter=0, epoch=0)
    code_sent = opened.queue_code(PHONE, "", asked).send(asked, SendingTerms.of_code(policy))
    ordered = code_sent.accept_code(asked)
    sent = ordered.put_in_force(1, asked).hand_to_gateway(asked)
    failed = sent.mark_undelivered(asked, given_back=True)
    yield current_step.show_request_step(whole)
    yield from _confirmation_steps(current_step, code_sent, policy, case, asked)
    for state, account in ((opened, whole), (code_sent, whole), (ordered, less), (sent, less), (failed, whole)):
        yield current_step.step_for(state, case, account, now=asked)


def _confirmation_steps(
    current_step: ReissueSteps, code_sent: CodeSent, policy: Policy, case: str, asked: datetime
) -> Iterator[ShownStep]:
    """The request is confirmed within the minute, by the link of the mail."""
    steps = current_step.steps.confirmation
    if steps is None:
        return
    awaited = code_sent.await_confirmation(asked, SendingTerms.of_confirmation(policy))
    facts = current_step.confirmation_facts(awaited)
    whole = AccountLimits(reissues_left=policy.reissues, codes_left=policy.code_tries)
    yield current_step.step_for(awaited, case, whole, now=asked)
    yield from (ShownStep(step=step, facts=facts, case=case) for step in (steps.mail, steps.confirm, steps.confirmed))


def example_refusals(policy: Policy, asked: datetime) -> Mapping[str, Mapping[str, object]]:
    """Return the times and limits that each refusal shows."""
    return {
        errors.TooManyIdentityAttempts.id: {
            "again_at": TimeOfDay(asked + timedelta(minutes=policy.matching_pause_minutes))
        },
        errors.TooManyWrongCodes.id: {"again_at": TimeOfDay(asked + timedelta(minutes=policy.code_pause_minutes))},
        errors.NoReissueLeft.id: {"most": policy.reissues},
        errors.VoterSmsLimitReached.id: {"resumes_at": Moment(asked + HOUR)},
        errors.TooManyPhoneNumbers.id: {"resumes_at": Moment(asked + HOUR)},
        errors.SmsResendDelayed.id: {"resumes_at": Moment(asked + timedelta(minutes=policy.code_valid_minutes))},
        errors.ConfirmationExpired.id: {
            "expired_at": Moment(asked + timedelta(minutes=policy.confirmation_valid_minutes))
        },
    }

"""The re-issue of the help's fictional voter."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from core.flows.identifier.current_step import ReissueStepChooser
from core.flows.identifier.definition import EXAMPLE_PHONE
from core.flows.identifier.sent_security_code import ResendLimits, SealedPhoneNumber
from core.flows.identifier.states import CodeSent, ReissueOpened
from core.forms import errors
from core.forms.flow_model import ShownStep
from core.policy.policy_and_calendar import Policy
from core.text.text import Moment, TimeOfDay

HOUR = timedelta(hours=1)
PHONE = SealedPhoneNumber(sealed=b"", digest=b"", ending=EXAMPLE_PHONE[-2:], region="FR")


def help_example_steps(current_step: ReissueStepChooser, case: str, asked_at: datetime) -> Iterator[ShownStep]:
    """A request is counted once the code is accepted, and given back when the SMS is not delivered."""
    policy, whole = current_step.policy, current_step.whole_allowance
    less = replace(whole, reissues_left=whole.reissues_left - 1)
    opened = ReissueOpened(voter=0, epoch=0)
    code_sent = opened.queue_code(PHONE, "", asked_at).send(asked_at, ResendLimits.of_code(policy))
    ordered = code_sent.accept_code(asked_at)
    sent = ordered.put_in_force(1, asked_at).hand_to_gateway(asked_at)
    failed = sent.mark_undelivered(asked_at, given_back=True)
    yield current_step.show_request_step(whole)
    yield from _confirmation_steps(current_step, code_sent, case, asked_at)
    for state, account in ((opened, whole), (code_sent, whole), (ordered, less), (sent, less), (failed, whole)):
        yield current_step.step_for(state, case, account, now=asked_at)


def _confirmation_steps(
    current_step: ReissueStepChooser, code_sent: CodeSent, case: str, asked: datetime
) -> Iterator[ShownStep]:
    """The request is confirmed within the minute, by the link of the mail."""
    steps = current_step.steps.confirmation
    if steps is None:
        return
    awaited = code_sent.await_confirmation(asked, ResendLimits.of_confirmation(current_step.policy))
    facts = current_step.confirmation_facts(awaited)
    yield current_step.step_for(awaited, case, current_step.whole_allowance, now=asked)
    yield from (ShownStep(step=step, facts=facts, case=case) for step in (steps.mail, steps.confirm, steps.confirmed))


def help_example_refusal_facts(policy: Policy, asked_at: datetime) -> Mapping[str, Mapping[str, object]]:
    """Return the times and limits that each refusal shows."""
    return {
        errors.TooManyIdentityAttempts.id: {
            "again_at": TimeOfDay(asked_at + timedelta(minutes=policy.matching_pause_minutes))
        },
        errors.TooManyWrongCodes.id: {"again_at": TimeOfDay(asked_at + timedelta(minutes=policy.code_pause_minutes))},
        errors.NoReissueLeft.id: {"most": policy.reissues},
        errors.VoterSmsLimitReached.id: {"resumes_at": Moment(asked_at + HOUR)},
        errors.TooManyPhoneNumbers.id: {"resumes_at": Moment(asked_at + HOUR)},
        errors.TooManyCodesUnderWay.id: {"resumes_at": Moment(asked_at + timedelta(minutes=policy.code_valid_minutes))},
        errors.ConfirmationExpired.id: {
            "expired_at": Moment(asked_at + timedelta(minutes=policy.confirmation_valid_minutes))
        },
    }

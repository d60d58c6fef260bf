"""The forgotten password of the help's fictional voter."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from core.flows.password.current_step import step_for, steps_before_link_request
from core.flows.password.definition import EXAMPLE_ADDRESS, PasswordFlow
from core.flows.password.states import LastRequestTimes, LinkRequestPending
from core.forms import errors
from core.forms.flow_model import ShownStep
from core.policy.policy_and_calendar import Calendar, Policy
from core.text.text import Moment


def help_example_steps(
    steps: PasswordFlow, policy: Policy, calendar: Calendar, case: str, asked_at: datetime
) -> Iterator[ShownStep]:
    """Yield the steps from the address to the message; whoever holds the link needs no case."""
    valid, pause = timedelta(minutes=policy.link_valid_minutes), timedelta(minutes=policy.resend_after_minutes)
    window = LastRequestTimes.of_request_at(asked_at, valid=valid, pause=pause)
    yield from steps_before_link_request(EXAMPLE_ADDRESS, steps, forgotten=True)
    requested = LinkRequestPending(typed=EXAMPLE_ADDRESS, address=EXAMPLE_ADDRESS, asking=window)
    yield step_for(requested, case, steps, calendar, now=asked_at)


def help_example_refusal_facts(policy: Policy, asked_at: datetime) -> Mapping[str, Mapping[str, object]]:
    """Return when a link that was asked for has expired."""
    return {errors.LinkExpired.id: {"expired_at": Moment(asked_at + timedelta(minutes=policy.link_valid_minutes))}}

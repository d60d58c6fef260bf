"""The moments at which a person can be called back, inside the desk's hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.policy.calendar import Calendar
from core.policy.desk_hours import is_desk_open, moment_at_hour
from core.policy.policy import Policy
from core.text.faces.call_sentences import CallBackDueChoice
from core.text.text import Day, Text, TimeOfDay

AFTERNOON_HOUR = 14
WEEK = 7


@dataclass(frozen=True, slots=True)
class CallBackTimeChoice:
    """A choice, and the moment that it means now, in the election's zone."""

    choice: CallBackDueChoice
    at: datetime

    @property
    def label(self) -> Text:
        """The words of the choice."""
        return self.choice.sentence.fill({"day": Day(self.at), "time": TimeOfDay(self.at)})


def offered_call_back_times(policy: Policy, calendar: Calendar, now: datetime) -> tuple[CallBackTimeChoice, ...]:
    """Return what can be promised now, the first moment first."""
    return tuple(
        CallBackTimeChoice(choice, at) for choice, at in _moments(policy, calendar, now) if is_desk_open(policy, at)
    )


def _moments(policy: Policy, calendar: Calendar, now: datetime) -> Iterator[tuple[CallBackDueChoice, datetime]]:
    local = calendar.to_local(now)
    morning = moment_at_hour(local, policy.desk_opens_hour)
    while morning <= local or not is_desk_open(policy, morning):
        morning = moment_at_hour(morning + timedelta(days=1), policy.desk_opens_hour)
        if morning > local + timedelta(days=WEEK):
            return
    afternoon = moment_at_hour(local, AFTERNOON_HOUR)
    yield CallBackDueChoice.IN_ONE_HOUR, calendar.to_local(now + timedelta(hours=1)).replace(second=0, microsecond=0)
    if local + timedelta(hours=1) < afternoon:
        yield CallBackDueChoice.THIS_AFTERNOON, afternoon
    yield CallBackDueChoice.NEXT_MORNING, morning
    yield (
        CallBackDueChoice.NEXT_AFTERNOON,
        moment_at_hour(morning + timedelta(days=morning.date() == local.date()), AFTERNOON_HOUR),
    )

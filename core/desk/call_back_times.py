"""The moments at which a person can be called back, inside the desk's hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.policy.desk_hours import at_hour, is_desk_open
from core.policy.policy import Calendar, Policy
from core.text.faces.call_sentences import DUE_CHOICES, DueChoice
from core.text.text import Day, Text, TimeOfDay

AFTERNOON_HOUR = 14
WEEK = 7


@dataclass(frozen=True, slots=True)
class DueTime:
    """A choice, and the moment that it means now, in the election's zone."""

    choice: DueChoice
    at: datetime

    @property
    def label(self) -> Text:
        """The words of the choice."""
        return DUE_CHOICES[self.choice].fill({"day": Day(self.at), "time": TimeOfDay(self.at)})


def due_times(policy: Policy, calendar: Calendar, now: datetime) -> tuple[DueTime, ...]:
    """Return what can be promised now, the first moment first."""
    return tuple(DueTime(choice, at) for choice, at in _moments(policy, calendar, now) if is_desk_open(policy, at))


def _moments(policy: Policy, calendar: Calendar, now: datetime) -> Iterator[tuple[DueChoice, datetime]]:
    local = calendar.to_local(now)
    morning = at_hour(local, policy.desk_opens_hour)
    while morning <= local or not is_desk_open(policy, morning):
        morning = at_hour(morning + timedelta(days=1), policy.desk_opens_hour)
        if morning > local + timedelta(days=WEEK):
            return
    afternoon = at_hour(local, AFTERNOON_HOUR)
    yield DueChoice.IN_ONE_HOUR, calendar.to_local(now + timedelta(hours=1)).replace(second=0, microsecond=0)
    if local + timedelta(hours=1) < afternoon:
        yield DueChoice.THIS_AFTERNOON, afternoon
    yield DueChoice.NEXT_MORNING, morning
    yield DueChoice.NEXT_AFTERNOON, at_hour(morning + timedelta(days=morning.date() == local.date()), AFTERNOON_HOUR)

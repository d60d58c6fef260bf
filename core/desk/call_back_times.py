"""The moments at which a person can be called back, inside the desk's hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.policy.policy import Calendar, Policy
from core.text.faces.call_sentences import DUE_CHOICES, DueChoice
from core.text.text import Day, Text, TimeOfDay

AFTERNOON_HOUR = 14
LATEST_HOUR = 23
"""A desk that closes at midnight is still called back from at this hour."""
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
    return tuple(DueTime(choice, at) for choice, at in _moments(policy, calendar, now) if _is_open(policy, at))


def _moments(policy: Policy, calendar: Calendar, now: datetime) -> Iterator[tuple[DueChoice, datetime]]:
    local = calendar.to_local(now)
    morning = _at(local, policy.desk_opens_hour)
    while morning <= local or not _is_open(policy, morning):
        morning = _at(morning + timedelta(days=1), policy.desk_opens_hour)
        if morning > local + timedelta(days=WEEK):
            return
    afternoon = _at(local, AFTERNOON_HOUR)
    yield DueChoice.IN_ONE_HOUR, calendar.to_local(now + timedelta(hours=1)).replace(second=0, microsecond=0)
    if local + timedelta(hours=1) < afternoon:
        yield DueChoice.THIS_AFTERNOON, afternoon
    yield DueChoice.NEXT_MORNING, morning
    yield DueChoice.NEXT_AFTERNOON, _at(morning + timedelta(days=morning.date() == local.date()), AFTERNOON_HOUR)


def _at(day: datetime, hour: int) -> datetime:
    return day.replace(hour=min(hour, LATEST_HOUR), minute=0, second=0, microsecond=0)


def _is_open(policy: Policy, at: datetime) -> bool:
    return at.weekday() < policy.desk_days and policy.desk_opens_hour <= at.hour < policy.desk_closes_hour

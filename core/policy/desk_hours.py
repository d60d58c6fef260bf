"""The opening hours of the helpdesk, in the election's time zone."""

from datetime import datetime, timedelta

from core.policy.policy import Policy

LATEST_HOUR = 23
"""Closing hour that stands for midnight, because a `datetime` has no hour 24."""


def moment_at_hour(day: datetime, hour: int) -> datetime:
    return day.replace(hour=min(hour, LATEST_HOUR), minute=0, second=0, microsecond=0)


def is_desk_day(policy: Policy, day: datetime) -> bool:
    return day.weekday() < policy.desk_days


def is_desk_open(policy: Policy, at: datetime) -> bool:
    return is_desk_day(policy, at) and policy.desk_opens_hour <= at.hour < policy.desk_closes_hour


def next_desk_day(policy: Policy, after: datetime) -> datetime:
    day = after + timedelta(days=1)
    while not is_desk_day(policy, day):
        day += timedelta(days=1)
    return day


def next_desk_opening(policy: Policy, after: datetime) -> datetime:
    today = moment_at_hour(after, policy.desk_opens_hour)
    if after < today and is_desk_day(policy, after):
        return today
    return moment_at_hour(next_desk_day(policy, after), policy.desk_opens_hour)

"""What sending codes may cost: so many to one number, to one country and in one day (SMS pumping; rule 13).

Whoever makes a site send SMS to numbers that share the price with them is stopped by the country's budget: it grows only
with codes that came back. Counters are rows, raised in the transaction that sends, so they are exact and fail closed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from core import errors, purposes
from core.ports import EVERYWHERE, Spent, Transaction
from core.service.tools import Tools
from core.text import Moment

DAY = timedelta(days=1)
TIGHT_SHARE = 0.8
ONE_SENT, ONE_VERIFIED = Spent(sent=1), Spent(verified=1)


class Tightness(StrEnum):
    """How a budget stands."""

    FINE = "fine"
    TIGHT = "tight"
    """Four fifths of it are gone: somebody should look before voters are refused."""
    SPENT = "spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One budget of today. `scope` is a country's ISO 3166 code, or EVERYWHERE."""

    scope: str
    sent: int
    allowed: int

    @property
    def tightness(self) -> Tightness:
        """How it stands."""
        if self.sent >= self.allowed:
            return Tightness.SPENT
        return Tightness.TIGHT if self.sent >= TIGHT_SHARE * self.allowed else Tightness.FINE


@dataclass(frozen=True, slots=True)
class SmsBudgets:
    """The port Budgets."""

    tools: Tools

    def take(self, transaction: Transaction, phone: bytes, country: str, now: datetime) -> None:
        """Raises SmsPhoneSpent, SmsCountrySpent, SmsDaySpent.

        The rows that everybody shares come last, so that they are held for as short as possible.
        """
        bucket = self.tools.vault.digest(purposes.THROTTLE, b"sms|" + phone)
        limit = self.tools.policy.sms_per_phone_per_day
        verdict = transaction.throttle.take(bucket, limit=limit, window=DAY, now=now)
        if not verdict.allowed:
            raise errors.SmsPhoneSpent(resumes_at=Moment(self.tools.calendar.local(verdict.until)))
        spent = transaction.spending.add(self._day(now), (country, EVERYWHERE), ONE_SENT)
        for scope, refusal in ((country, errors.SmsCountrySpent), (EVERYWHERE, errors.SmsDaySpent)):
            if spent[scope].sent > self._allowed(scope, spent[scope]):
                raise refusal(resumes_at=Moment(self._tomorrow(now)))

    def verified(self, transaction: Transaction, phone: bytes, country: str, now: datetime) -> None:  # noqa: ARG002  # the number's own budget does not grow
        """That country's budget grows."""
        transaction.spending.post(self._day(now), (country, EVERYWHERE), ONE_VERIFIED)

    def standing(self, transaction: Transaction, now: datetime) -> tuple[Budget, ...]:
        """Today's, the whole first, then the countries that codes went to."""
        return tuple(self._budgets(transaction.spending.of_day(self._day(now))))

    def _budgets(self, spent: Mapping[str, Spent]) -> Iterator[Budget]:
        for scope in (EVERYWHERE, *sorted(set(spent) - {EVERYWHERE})):
            of_scope = spent.get(scope, Spent())
            yield Budget(scope=scope, sent=of_scope.sent, allowed=self._allowed(scope, of_scope))

    def _allowed(self, scope: str, spent: Spent) -> int:
        policy = self.tools.policy
        if scope == EVERYWHERE:
            return policy.sms_per_day
        return policy.sms_per_country_per_day + policy.sms_per_verified_code * spent.verified

    def _day(self, now: datetime) -> date:
        """The day on the election's clocks."""
        return self.tools.calendar.local(now).date()

    def _tomorrow(self, now: datetime) -> datetime:
        local = self.tools.calendar.local(now)
        return datetime.combine(local.date() + DAY, time(), local.tzinfo)

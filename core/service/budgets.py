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
ONE_VERIFIED = Spent(verified=1)


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
        """The rows that everybody shares come last, so that they are held for as short as possible."""
        policy = self.tools.policy
        transaction.throttle.spend(self._of_phone(phone), limit=policy.sms_per_phone_per_day, window=DAY, now=now)
        for scope in (country, EVERYWHERE):
            transaction.spending.spend(self._day(now), scope, most=self._base(scope), more=self._more(scope))

    def refusal(self, phone: bytes, country: str, now: datetime) -> errors.Refusal:
        """SmsPhoneSpent, SmsCountrySpent or SmsDaySpent."""
        limit = self.tools.policy.sms_per_phone_per_day
        with self.tools.store.read() as transaction:
            verdict = transaction.throttle.peek(self._of_phone(phone), limit=limit, window=DAY, now=now)
            budgets = {budget.scope: budget for budget in self.standing(transaction, now)}
        if not verdict.allowed:
            return errors.SmsPhoneSpent(resumes_at=Moment(self.tools.calendar.local(verdict.until)))
        spent = country in budgets and budgets[country].tightness is Tightness.SPENT
        refusal = errors.SmsCountrySpent if spent else errors.SmsDaySpent
        return refusal(resumes_at=Moment(self._tomorrow(now)))

    def _of_phone(self, phone: bytes) -> bytes:
        return self.tools.vault.digest(purposes.THROTTLE, b"sms|" + phone)

    def verified(self, transaction: Transaction, phone: bytes, country: str, now: datetime) -> None:  # noqa: ARG002  # the number's own budget does not grow
        """That country's budget grows."""
        for scope in (country, EVERYWHERE):
            transaction.spending.add(self._day(now), scope, ONE_VERIFIED)

    def standing(self, transaction: Transaction, now: datetime) -> tuple[Budget, ...]:
        """Today's, the whole first, then the countries that codes went to."""
        return tuple(self._budgets(transaction.spending.of_day(self._day(now))))

    def _budgets(self, spent: Mapping[str, Spent]) -> Iterator[Budget]:
        for scope in (EVERYWHERE, *sorted(set(spent) - {EVERYWHERE})):
            of_scope = spent.get(scope, Spent())
            yield Budget(scope=scope, sent=of_scope.sent, allowed=self._allowed(scope, of_scope))

    def _allowed(self, scope: str, spent: Spent) -> int:
        return self._base(scope) + self._more(scope) * spent.verified

    def _base(self, scope: str) -> int:
        policy = self.tools.policy
        return policy.sms_per_day if scope == EVERYWHERE else policy.sms_per_country_per_day

    def _more(self, scope: str) -> int:
        """For each code that came back."""
        return 0 if scope == EVERYWHERE else self.tools.policy.sms_per_verified_code

    def _day(self, now: datetime) -> date:
        """The day on the election's clocks."""
        return self.tools.calendar.local(now).date()

    def _tomorrow(self, now: datetime) -> datetime:
        local = self.tools.calendar.local(now)
        return datetime.combine(local.date() + DAY, time(), local.tzinfo)

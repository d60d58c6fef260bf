"""SMS budgets that all voters share: one per network, one per country, and one for the whole day.

They limit SMS pumping, a fraud in which attackers make a site send large numbers of text messages. A budget is the
number of security codes that may be sent on one day. Each budget is small at midnight and grows during the day. The
budgets of networks and countries also grow each time a voter enters a code correctly. Each code gets the next number of
the day in each of these budgets. The code is sent when every budget has grown to the code's number.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from core.flows.board_alarms import BUDGET_HALF_SPENT, raise_board_alarm
from core.flows.dependencies import Dependencies
from core.policy.ipv6_networks import counted_networks
from core.ports import (
    EVERYWHERE,
    NETWORK_MARK,
    CodeCounts,
    SmsBudgetReservation,
    SmsRoute,
    SmsTurn,
    Transaction,
)
from core.security import key_purposes

DAY = timedelta(days=1)
SOON, LAST_MINUTES = timedelta(seconds=1), timedelta(minutes=2)
TIGHT_SHARE = 0.5
DIGITS = 32
IPV6_56_MARK = 2 * NETWORK_MARK
ONE_VERIFIED, ONE_GIVEN_BACK = CodeCounts(verified=1), CodeCounts(sent=-1)
log = logging.getLogger("retrouve")


class SmsBudgetState(StrEnum):
    FINE = "fine"
    TIGHT = "tight"
    SPENT = "spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsBudget:
    """One of today's SMS budgets. `scope` is an ISO 3166 country code or EVERYWHERE."""

    scope: str
    sent: int
    allowed: int

    @property
    def budget_state(self) -> SmsBudgetState:
        if self.sent >= self.allowed:
            return SmsBudgetState.SPENT
        return SmsBudgetState.TIGHT if self.sent >= TIGHT_SHARE * self.allowed else SmsBudgetState.FINE


@dataclass(frozen=True, slots=True)
class SmsBudgets:
    """Implements `SharedSmsBudgets`. Networks have budgets only if `by_network` is True."""

    dependencies: Dependencies
    by_network: bool = True

    def network_digest(self, network: str) -> str:
        """Return a network's digest. For an IPv6 /64 network, the digest of its /56 network is appended."""
        digest = self.dependencies.vault.digest
        names = [counted.name for counted in counted_networks(network, self.dependencies.policy)]
        digests = [digest(key_purposes.THROTTLE, b"sms network|" + name.encode()).hex()[:DIGITS] for name in names]
        return NETWORK_MARK.join(digests)

    def reserve_in_budgets(
        self,
        transaction: Transaction,
        route: SmsRoute,
        reservation: SmsBudgetReservation | None,
        now: datetime,
    ) -> SmsTurn:
        """Reserve one SMS in each budget. Returns the time at which the code can be sent."""
        day = self._day(now)
        places = dict(reservation.places) if reservation is not None and reservation.day == day else {}
        for scope in self._scopes(route):
            if scope in places:
                counts = transaction.spending.of_scope(day, scope)
            else:
                counts = transaction.spending.increment_sent(day, scope)
                places[scope] = counts.sent
                self._warn(transaction, scope, counts, now)
            if places[scope] > self._allowed(scope, counts, now):
                return SmsTurn(SmsBudgetReservation(day, places), self._expected(scope, places[scope], counts, now))
        return SmsTurn(SmsBudgetReservation(day, places), now)

    def grow_budgets_after_verified_code(self, transaction: Transaction, route: SmsRoute, now: datetime) -> None:
        for scope in self._scopes(route):
            transaction.spending.add(self._day(now), scope, ONE_VERIFIED)

    def release_reservation(self, transaction: Transaction, reservation: SmsBudgetReservation | None) -> None:
        if reservation is not None:
            for scope in reservation.places:
                transaction.spending.add(reservation.day, scope, ONE_GIVEN_BACK)

    def todays_budgets(self, transaction: Transaction, now: datetime) -> tuple[SmsBudget, ...]:
        spent = transaction.spending.of_day(self._day(now))
        scopes = (EVERYWHERE, *sorted(set(spent) - {EVERYWHERE}))
        counts = {scope: spent.get(scope, CodeCounts()) for scope in scopes}
        return tuple(
            SmsBudget(scope=scope, sent=count.sent, allowed=self._allowed(scope, count, now))
            for scope, count in counts.items()
        )

    def raise_alarms(self) -> None:
        with self.dependencies.store.write() as transaction:
            for budget in self.todays_budgets(transaction, self.dependencies.clock.now()):
                if budget.sent and budget.budget_state is not SmsBudgetState.FINE:
                    raise_board_alarm(self.dependencies, transaction, f"{BUDGET_HALF_SPENT} {budget.scope}")

    def _scopes(self, route: SmsRoute) -> Iterator[str]:
        if self.by_network:
            single, *ipv6_56 = route.network.split(NETWORK_MARK)
            yield f"{route.country}{NETWORK_MARK}{single}"
            yield from (f"{route.country}{IPV6_56_MARK}{network}" for network in ipv6_56)
        yield from (route.country, EVERYWHERE)

    def _allowed(self, scope: str, counts: CodeCounts, now: datetime) -> int:
        today = self._day(now)
        passed = min(1.0, (now - self._midnight(today)) / self._growing_time(today))
        share = self._first_share + (1 - self._first_share) * passed
        return max(1, int(self._base(scope) * share)) + self._growth_per_verified_code(scope) * counts.verified

    def _expected(self, scope: str, place: int, counts: CodeCounts, now: datetime) -> datetime:
        today, base = self._day(now), self._base(scope)
        wanted: float = place - self._growth_per_verified_code(scope) * counts.verified
        day, wanted = (today, wanted) if wanted <= base else (today + DAY, min(wanted - base, base))
        growing = 1 - self._first_share
        passed = max(0.0, (wanted / base - self._first_share) / growing) if growing else 0.0
        return max(self._midnight(day) + passed * self._growing_time(day), now + SOON)

    @property
    def _first_share(self) -> float:
        return self.dependencies.policy.sms_at_midnight_percent / 100

    def _base(self, scope: str) -> float:
        policy = self.dependencies.policy
        if scope == EVERYWHERE:
            return policy.sms_per_day
        share = policy.sms_network_percent / 100 if NETWORK_MARK in scope else 1.0
        factor = policy.limits_per_customer_network if IPV6_56_MARK in scope else 1
        return policy.sms_per_country_per_day * min(1.0, share * factor)

    def _growth_per_verified_code(self, scope: str) -> int:
        return 0 if scope == EVERYWHERE else self.dependencies.policy.sms_per_verified_code

    def _warn(self, transaction: Transaction, scope: str, counts: CodeCounts, now: datetime) -> None:
        if counts.sent == max(1, int(TIGHT_SHARE * self._allowed(scope, counts, now))):
            country, mark, _ = scope.partition(NETWORK_MARK)
            log.warning(
                "sms-budget-half-spent", extra={"scope": country, "of_one_network": bool(mark), "sent": counts.sent}
            )
            if not mark:
                raise_board_alarm(self.dependencies, transaction, f"{BUDGET_HALF_SPENT} {country}")

    def _day(self, now: datetime) -> date:
        return self.dependencies.calendar.to_local(now).date()

    def _growing_time(self, day: date) -> timedelta:
        return self._midnight(day + DAY) - self._midnight(day) - LAST_MINUTES

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.dependencies.calendar.zone).astimezone(UTC)

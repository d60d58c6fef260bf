"""Budgets limit the SMS codes by network, by country and by day, and are exact under concurrent requests."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from core.adapters.logs import collected_lines
from core.delivery.sms_budgets import SmsBudget, SmsBudgets, SmsBudgetState
from core.policy.policy import Policy
from core.ports import EVERYWHERE, SmsBudgetReservation, SmsRoute, SmsTurn
from tests.support.election import CALENDAR
from tests.support.stores import KeptStore
from tests.support.worlds import World, world

CROWD = 32
POLICY = Policy(
    sms_per_country_per_day=5,
    sms_per_verified_code=2,
    sms_per_day=9,
    sms_at_midnight_percent=100,
    sms_network_percent=100,
)
GROWING = Policy(sms_per_country_per_day=100, sms_per_day=1000, sms_at_midnight_percent=20, sms_network_percent=10)
MIDNIGHT = datetime(2018, 11, 30, tzinfo=CALENDAR.zone).astimezone(UTC)


@pytest.fixture
def spender(sql_kept: KeptStore) -> World:
    """An election with small budgets, which can be spent from midnight on."""
    return world(sql_kept, policy=POLICY)


@pytest.fixture
def grower(sql_kept: KeptStore) -> World:
    """An election at midnight whose budgets grow during the day."""
    made = world(sql_kept, policy=GROWING)
    made.clock.at = MIDNIGHT
    return made


def turn(
    spender: World, country: str = "FR", network: str | None = None, held: SmsBudgetReservation | None = None
) -> SmsTurn:
    """Reserve a place for a code in the budgets, by default from a new network."""
    own = f"{spender.clock.at} {standing(spender)}" if network is None else network
    with spender.store.write() as transaction:
        return SmsBudgets(spender.dependencies).reserve_in_budgets(
            transaction, SmsRoute(country, own), held, spender.clock.now()
        )


def may_leave(spender: World, country: str = "FR", network: str | None = None) -> bool:
    """Return whether a code may be sent at once."""
    return turn(spender, country, network).at <= spender.clock.now()


def come_back(spender: World, country: str = "FR", network: str = "any") -> None:
    """Record that a code was typed correctly."""
    with spender.store.write() as transaction:
        SmsBudgets(spender.dependencies).grow_budgets_after_verified_code(
            transaction, SmsRoute(country, network), spender.clock.now()
        )


def standing(spender: World) -> dict[str, SmsBudget]:
    """Return today's budgets by scope."""
    with spender.store.read() as transaction:
        return {
            each.scope: each
            for each in SmsBudgets(spender.dependencies).todays_budgets(transaction, spender.clock.now())
        }


def test_one_country_gets_more_only_for_codes_that_come_back(spender: World) -> None:
    """A country's budget grows only when codes are typed correctly, because fraudsters who trigger SMS type none."""
    assert [may_leave(spender) for _ in range(6)] == [True] * 5 + [False]
    assert may_leave(spender, country="RE")

    come_back(spender)

    # The sixth code takes the first of the two new places.
    assert [may_leave(spender) for _ in range(3)] == [True, False, False]


def test_the_day_has_an_end_whatever_comes_back(spender: World) -> None:
    """Codes beyond the limit of the day wait until midnight in the election's time zone."""
    for _ in range(20):
        come_back(spender)

    assert [may_leave(spender) for _ in range(10)] == [True] * 9 + [False]

    spender.clock.at = MIDNIGHT + timedelta(days=1, minutes=1)
    assert may_leave(spender)


def test_a_budget_is_not_spent_early(grower: World) -> None:
    """A fifth of a budget can be spent at midnight. Each later code waits until the budget has grown enough for it."""
    first = [may_leave(grower) for _ in range(20)]

    waiting = [turn(grower) for _ in range(8)]

    assert first == [True] * 20
    assert [round((each.at - MIDNIGHT) / timedelta(minutes=18)) for each in waiting] == list(range(1, 9))
    grower.clock.at = waiting[1].at + timedelta(seconds=2)
    may_leave_now = [turn(grower, network="1", held=each.places).at <= grower.clock.at for each in waiting[:3]]
    assert may_leave_now == [True, True, False]


def test_codes_that_come_back_bring_the_turn_forward(grower: World) -> None:
    """A waiting code is sent earlier if other codes are typed correctly."""
    for _ in range(20):
        turn(grower)
    waiting = turn(grower, network="b")

    come_back(grower, network="c")

    assert waiting.at > grower.clock.at
    assert turn(grower, network="b", held=waiting.places).at <= grower.clock.at


def test_one_network_cannot_spend_what_all_share(grower: World) -> None:
    """One network can use a tenth of a country's budget.

    Its further requests wait and do not use the country's budget.
    """
    assert [may_leave(grower, network="one") for _ in range(60)].count(True) == 2
    assert standing(grower)["FR"].sent == 2
    assert [may_leave(grower) for _ in range(18)] == [True] * 18


def test_one_ipv6_56_spends_at_most_four_times_what_one_network_may(grower: World) -> None:
    """All networks in one IPv6 /56 together can use at most four times what one network can use."""
    digest = SmsBudgets(grower.dependencies).network_digest
    networks = [digest(f"2001:db8:1:{number:x}::/64") for number in range(60)]
    assert [may_leave(grower, network=network) for network in networks].count(True) == 8
    assert standing(grower)["FR"].sent == 8
    assert may_leave(grower, network=digest("2001:db8:2::/64"))


def test_a_network_whose_codes_come_back_gets_more(grower: World) -> None:
    """A network gets more codes as long as its codes are typed correctly, such as a school behind one address."""
    left = 0
    for _ in range(30):
        left += may_leave(grower, network="school")
        come_back(grower, network="school")

    assert left == 30


def test_without_limits_by_network_only_the_shared_budgets_count(grower: World) -> None:
    """If the limits by network are disabled, as for load tests, only the shared budgets limit the codes."""
    budgets = SmsBudgets(grower.dependencies, by_network=False)
    with grower.store.write() as transaction:
        turns = [budgets.reserve_in_budgets(transaction, SmsRoute("FR", "one"), None, MIDNIGHT) for _ in range(20)]

    assert {each.at for each in turns} == {MIDNIGHT}


def test_places_of_yesterday_are_taken_again(spender: World) -> None:
    """A code that waits beyond midnight gets a place in the new day's budgets."""
    for _ in range(6):
        waiting = turn(spender)
    assert waiting.at == MIDNIGHT + timedelta(days=1)
    spender.clock.at = waiting.at

    anew = turn(spender, network="x", held=waiting.places)

    assert anew.at <= spender.clock.at
    assert set(anew.places.places.values()) == {1}


def test_a_budget_tells_how_it_stands_and_warns_once_at_half(spender: World) -> None:
    """A budget is first fine, then tight, then spent, and the log warns once when half of it is used."""
    seen = []
    with collected_lines() as logs:
        for _ in range(6):
            seen.append({scope: budget.budget_state for scope, budget in standing(spender).items()})
            may_leave(spender)

    assert seen[0] == {EVERYWHERE: SmsBudgetState.FINE}
    assert [each["FR"] for each in seen[1:]] == [SmsBudgetState.FINE] * 2 + [SmsBudgetState.TIGHT] * 2 + [
        SmsBudgetState.SPENT
    ]
    assert list(standing(spender)) == [EVERYWHERE, "FR"]
    half = [each["scope"] for each in logs if each["event"] == "sms-budget-half-spent" and not each["of_one_network"]]
    assert half == ["FR", EVERYWHERE]


def test_a_crowd_gets_no_more_than_there_is(kept: KeptStore) -> None:
    """Of 32 simultaneous codes, each has its own place and exactly five are sent at once."""
    spender = world(kept, policy=POLICY)

    def act(number: int) -> SmsTurn:
        return turn(spender, network=str(number))

    with ThreadPoolExecutor(CROWD) as pool:
        got = list(pool.map(act, range(CROWD)))

    assert sum(each.at <= spender.clock.now() for each in got) == 5
    assert sorted(each.places.places["FR"] for each in got) == list(range(1, CROWD + 1))


@pytest.mark.parametrize(
    "now",
    [
        datetime(2018, 11, 30, 22, 46, tzinfo=UTC),
        datetime(2018, 10, 28, 0, 40, tzinfo=UTC),
        datetime(2019, 3, 31, 0, 50, tzinfo=UTC),
    ],
    ids=["a quarter to midnight", "a day of 25 hours", "a day of 23 hours"],
)
def test_a_waiting_code_leaves_when_it_was_told(sql_kept: KeptStore, now: datetime) -> None:
    """Waiting codes are sent in order and at the announced time, even over midnight and clock changes."""
    made = world(sql_kept, policy=Policy(sms_per_country_per_day=24, sms_at_midnight_percent=1))
    made.clock.at = now
    asked = [turn(made) for _ in range(30)]
    assert [each.at for each in asked] == sorted(each.at for each in asked)
    waiting = [each for each in asked if each.at > now]
    assert len(waiting) > 5
    for number, each in enumerate(waiting):
        made.clock.at = each.at + timedelta(seconds=1)
        assert turn(made, network=f"{number}", held=each.places).at <= made.clock.at + timedelta(minutes=1)

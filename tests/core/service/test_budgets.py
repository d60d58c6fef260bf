"""What sending codes may cost: by number, by country, by day; exact whoever spends at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from core.errors import Refusal, SmsCountrySpent, SmsDaySpent, SmsPhoneSpent
from core.policy import Policy
from core.ports import EVERYWHERE, Exhausted
from core.service.budgets import Budget, SmsBudgets, Tightness
from core.text import Moment
from tests.support.election import CALENDAR
from tests.support.stores import Kept
from tests.support.worlds import World, world

CROWD = 32
POLICY = Policy(sms_per_phone_per_day=3, sms_per_country_per_day=5, sms_per_verified_code=2, sms_per_day=9)


@pytest.fixture
def spender(kept: Kept) -> World:
    """An election with little to spend."""
    return world(kept, policy=POLICY)


def take(spender: World, phone: str = "", country: str = "FR") -> str:
    """One code to that number; what became of it."""
    number = phone or f"phone {spender.clock.at.isoformat()} {len(standing(spender))} {sent(spender)}"
    refusal = refused(spender, number.encode(), country)
    return "sent" if refusal is None else refusal.id


def refused(spender: World, number: bytes, country: str = "FR") -> Refusal | None:
    """Why no code went there, if none did."""
    budgets, now = SmsBudgets(spender.tools), spender.clock.now()
    try:
        with spender.store.write() as transaction:
            budgets.take(transaction, number, country, now)
    except Exhausted:
        return budgets.refusal(number, country, now)
    return None


def come_back(spender: World, country: str = "FR") -> None:
    """One of the codes comes back."""
    with spender.store.write() as transaction:
        SmsBudgets(spender.tools).verified(transaction, b"any", country, spender.clock.now())


def standing(spender: World) -> dict[str, Budget]:
    """Today's budgets, by scope."""
    with spender.store.read() as transaction:
        return {each.scope: each for each in SmsBudgets(spender.tools).standing(transaction, spender.clock.now())}


def sent(spender: World) -> int:
    """How many went out today."""
    return standing(spender)[EVERYWHERE].sent


def test_one_number_gets_so_many_in_a_day_from_its_first(spender: World) -> None:
    """Then none until a day is over; other numbers are not touched."""
    assert [take(spender, "camille") for _ in range(4)] == ["sent"] * 3 + [SmsPhoneSpent.id]
    assert take(spender, "other") == "sent"

    spender.clock.move(hours=24)

    assert take(spender, "camille") == "sent"


def test_one_country_gets_more_only_for_codes_that_come_back(spender: World) -> None:
    """Whoever pumps never types a code."""
    assert [take(spender) for _ in range(6)] == ["sent"] * 5 + [SmsCountrySpent.id]
    assert take(spender, country="RE") == "sent"

    come_back(spender)

    assert [take(spender) for _ in range(3)] == ["sent"] * 2 + [SmsCountrySpent.id]


def test_the_day_has_an_end_whatever_comes_back(spender: World) -> None:
    """Until midnight on the election's clocks."""
    for _ in range(20):
        come_back(spender)

    assert [take(spender) for _ in range(10)] == ["sent"] * 9 + [SmsDaySpent.id]

    spender.clock.at = datetime(2018, 11, 30, 23, 1, tzinfo=spender.clock.at.tzinfo)
    assert take(spender) == "sent"


def test_what_is_refused_says_until_when(spender: World) -> None:
    """Tomorrow, on the clocks of the voters."""
    for _ in range(5):
        take(spender)

    refusal = refused(spender, b"any")

    assert isinstance(refusal, SmsCountrySpent)
    assert refusal.facts == {"resumes_at": Moment(datetime(2018, 12, 1, tzinfo=CALENDAR.zone))}


def test_what_is_refused_was_not_spent(spender: World) -> None:
    """The counters stand where they stood."""
    for _ in range(5):
        take(spender)
    before = standing(spender)

    assert [take(spender) for _ in range(3)] == [SmsCountrySpent.id] * 3

    assert standing(spender) == before


def test_a_budget_tells_how_it_stands(spender: World) -> None:
    """Fine, then tight, then spent; the whole first, a country once something went there."""
    seen = []
    for _ in range(6):
        seen.append({scope: budget.tightness for scope, budget in standing(spender).items()})
        take(spender)

    assert seen[0] == {EVERYWHERE: Tightness.FINE}
    assert [each["FR"] for each in seen[1:]] == [Tightness.FINE] * 3 + [Tightness.TIGHT, Tightness.SPENT]
    assert list(standing(spender)) == [EVERYWHERE, "FR"]


@pytest.mark.parametrize("phone", ["", "camille"])
def test_a_crowd_spends_no_more_than_there_is(spender: World, phone: str) -> None:
    """32 at once, to one number and to many; with the check taken away all of them are sent."""

    def act(number: int) -> str:
        return "sent" if refused(spender, (phone or str(number)).encode()) is None else "refused"

    with ThreadPoolExecutor(CROWD) as pool:
        got = list(pool.map(act, range(CROWD)))

    assert got.count("sent") == (3 if phone else 5)
    assert sent(spender) == got.count("sent")

"""What the site stops before anyone knows which act it was."""

from http import HTTPStatus

import pytest

from core import errors
from core.adapters.throttle import SECONDS_A_MINUTE, NetworkBuckets
from core.bootstrap import House
from core.places import LINK_PATH
from core.ports import Act
from tests.support.worlds import World
from webhook.app import create_app

ELSEWHERE = {"Origin": "https://elsewhere.example"}


def post(house: House, times: int = 1, **headers: str) -> list[int]:
    """The statuses of that many first answers."""
    client = create_app(house).test_client()
    address = str(house.settings.election.site)
    return [client.post("/", base_url=address, data={"email": "x"}, headers=headers).status_code for _ in range(times)]


def test_case_9_a_post_from_elsewhere_leaves_one_event_and_nothing_else(any_world: World) -> None:
    """Rule 12: the board can see that somebody tried."""
    status = post(any_world.house, **ELSEWHERE)

    assert status == [HTTPStatus.FORBIDDEN]
    assert any_world.kept.lines() == [(Act.ACT_REFUSED, errors.CameFromElsewhere.id)]


def test_what_a_full_bucket_turns_away_is_not_written_down(world: World) -> None:
    """A line for each request would be the flood itself; forged posts are counted too."""
    house = House(world.house.settings, world.tools, NetworkBuckets(2, seconds=lambda: 0.0))

    statuses = post(house, times=4, **ELSEWHERE)

    assert statuses == [HTTPStatus.FORBIDDEN] * 2 + [HTTPStatus.TOO_MANY_REQUESTS] * 2
    assert len(world.kept.lines()) == 2


def test_each_minute_begins_anew() -> None:
    """A network is turned away for the rest of the minute, and only that one."""
    moments = iter([0.0, 1.0, 2.0, 3.0, SECONDS_A_MINUTE])
    buckets = NetworkBuckets(2, seconds=lambda: next(moments))

    admitted = [buckets.admit(network) for network in ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1")]

    assert admitted == [True, True, False, True, True]


@pytest.mark.parametrize("header", [{}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_post_from_our_own_page_is_judged_by_what_was_typed(world: World, header: dict[str, str]) -> None:
    """Nothing was done, so nothing is written."""
    assert post(world.house, **header) == [HTTPStatus.UNPROCESSABLE_ENTITY]
    assert world.kept.lines() == []


@pytest.mark.parametrize("break_", ["%0D%0A", "%0A", "%20%0D%0A%20", "=%0D%0A"])
def test_case_15_a_wrapped_link_is_told_as_a_damaged_one(world: World, break_: str) -> None:
    """Not as a page that does not exist: the reader is told to copy it whole."""
    client = create_app(world.house).test_client()

    answer = client.get(f"{LINK_PATH}{'x' * 20}{break_}{'x' * 23}", base_url=str(world.house.settings.election.site))

    assert f'name="refusal" content="{errors.LinkDamaged.id}"' in answer.get_data(as_text=True)

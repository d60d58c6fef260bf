"""Every store returns every state of a case as it was written."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.flows.password import states
from core.ports import RecoveryCase, Store
from tests.support.stores import STORES

MOMENTS = st.datetimes(datetime(2018, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone
DIGESTS = st.binary(min_size=32, max_size=32)
TYPED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)
VOTERS = st.integers(min_value=1, max_value=2**31 - 1)
ASKINGS = st.builds(states.LastRequestTimes, at=MOMENTS, until=MOMENTS, again_from=MOMENTS)
LINKS = st.builds(states.SentLink, digest=DIGESTS, expires=MOMENTS)
WHO = {"typed": TYPED, "address": TYPED}
STATES = st.one_of(
    st.builds(states.CaseOpenedByDesk, **WHO),
    st.builds(states.LinkRequestPending, **WHO, asking=ASKINGS),
    st.builds(states.NoLinkSent, **WHO, asking=ASKINGS),
    st.builds(
        states.LinkSent,
        **WHO,
        asking=ASKINGS,
        voter=VOTERS,
        epoch=st.integers(0, 1000),
        links=st.lists(LINKS, max_size=4).map(tuple),
    ),
    st.builds(states.PasswordChanged, **WHO, asking=ASKINGS, voter=VOTERS, used=DIGESTS, at=MOMENTS),
)


@pytest.fixture(scope="module", params=STORES)
def same_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all generated examples, each of which has its own handle."""
    with STORES[request.param](Path(tmp_path_factory.mktemp("store"))) as kept:
        yield kept.store


@given(first=STATES, second=STATES, handle=st.binary(min_size=16, max_size=16), began=MOMENTS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_state_is_returned_as_written(
    same_store: Store, first: states.State, second: states.State, handle: bytes, began: datetime
) -> None:
    """A state of a case keeps its type and all its values when it is added or changed."""
    case = RecoveryCase(handle=handle, number=handle.hex(), flow="mot-de-passe", state=first, began=began)

    with same_store.write() as transaction:
        added = transaction.recoveries.add(case)
        new = transaction.recoveries.by_handle(handle)
        if added:
            transaction.recoveries.update_state(case, second)
        moved = transaction.recoveries.by_number(handle.hex())

    assert new is not None
    assert moved is not None
    assert (new.state, new.began) == (first, began) or not added
    assert moved.state == second or not added


def test_the_strategies_know_every_state() -> None:
    """The hypothesis strategies generate every state of a case."""
    drawn: set[str] = set()

    @given(STATES)
    @settings(max_examples=100)
    def draw(state: states.State) -> None:
        drawn.add(type(state).__name__)

    draw()
    assert drawn == {state.__name__ for state in states.State.__args__}

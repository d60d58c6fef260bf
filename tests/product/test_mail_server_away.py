"""CASE 1 holds while the mail server is slow or down."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance.response_comparison import comparable_response
from tests.product.relays import Silent, silent
from tests.support.product import MESSAGE, DemoVoter, Installation, free_port, installation, relay


def stranger(voter: DemoVoter) -> str:
    """Return an address that is not on the roll, as long as the voter's."""
    local, _, domain = voter.email.partition("@")
    return f"{local[:-2]}zq@{domain}"


@pytest.fixture(params=["is slow", "is down"])
def with_relay(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Installation, Silent | None]]:
    """A site and a courier whose relay accepts connections and says nothing, or does not run."""
    with ExitStack() as stack:
        slow = stack.enter_context(silent()) if request.param == "is slow" else None
        relays = [relay(free_port() if slow is None else slow.port, timeout_seconds=300)]
        made = stack.enter_context(installation(tmp_path / "election", relays=relays))
        made.start("serve")
        made.start("courier")
        yield made, slow


def test_case_1_known_and_unknown_addresses_get_the_same_answers(
    with_relay: tuple[Installation, Silent | None],
) -> None:
    """CASE 1: known or not, an address gets the same answers from MP-1 to MP-4, before and after the courier's try."""
    made, slow = with_relay
    _example, voter = made.take_unused_voter(), made.take_unused_voter()  # the first page names the first one
    asked = {address: made.browser() for address in (voter.email, stranger(voter))}
    for address, browser in asked.items():
        browser.ask_for_link_mail(address)
    if slow is None:
        made.considered(2)
    else:
        assert slow.called.wait(180)  # the courier now waits for the relay with one of the two requests
    for browser in asked.values():
        browser.get(MESSAGE)

    known, unknown = (
        [comparable_response(page, address) for page in browser.answers] for address, browser in asked.items()
    )

    assert known == unknown
    assert [page.status for page in asked[voter.email].answers] == [200, 303, 200, 303, 200, 303, 200, 200]

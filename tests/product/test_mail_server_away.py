"""CASE 1 holds while the mail server is slow or down."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from conformance.response_comparison import comparable_response
from tests.product.relays import silent
from tests.support.product import MESSAGE, DemoVoter, Installation, free_port, installation, relay


def stranger(voter: DemoVoter) -> str:
    """Return an address that is not on the roll, as long as the voter's."""
    local, _, domain = voter.email.partition("@")
    return f"{local[:-2]}zq@{domain}"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A site without a courier."""
    with installation(tmp_path_factory.mktemp("away") / "election") as made:
        made.start("serve")
        yield made


@pytest.mark.parametrize("is_slow", [False, True], ids=["is down", "is slow"])
def test_case_1_known_and_unknown_addresses_get_the_same_answers(serving: Installation, *, is_slow: bool) -> None:
    """CASE 1: known or not, an address gets the same answers from MP-1 to MP-4, before and after the courier's try.

    The relay accepts connections and says nothing, or does not run.
    """
    with ExitStack() as stack:
        slow = stack.enter_context(silent()) if is_slow else None
        away = relay(free_port() if slow is None else slow.port, timeout_seconds=300)
        serving.start("courier", RETROUVE_MAIL__RELAYS=json.dumps([away]))
        stack.callback(serving.kill, "courier")
        _example, voter = serving.take_unused_voter(), serving.take_unused_voter()  # the first page names the first one
        asked = {address: serving.browser() for address in (voter.email, stranger(voter))}
        for address, browser in asked.items():
            browser.ask_for_link_mail(address)
        if slow is None:
            serving.considered(2)
        else:
            assert slow.called.wait(180)  # the courier now waits for the relay with one of the two requests
        for browser in asked.values():
            browser.get(MESSAGE)

    known, unknown = (
        [comparable_response(page, address) for page in browser.answers] for address, browser in asked.items()
    )

    assert known == unknown
    assert [page.status for page in asked[voter.email].answers] == [200, 303, 200, 303, 200, 303, 200, 200]

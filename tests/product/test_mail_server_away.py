"""Known and unknown addresses get the same answers, even if the mail server is slow or stopped."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conformance.response_comparison import comparable_response
from tests.product.relays import silent
from tests.support.product import MESSAGE, DemoVoter, free_port, installation, relay


def stranger(voter: DemoVoter) -> str:
    """Return an address that is not on the roll and has the same length as the voter's address."""
    local, _, domain = voter.email.partition("@")
    return f"{local[:-2]}zq@{domain}"


@pytest.mark.parametrize("is_slow", [False, True], ids=["is down", "is slow"])
def test_known_and_unknown_addresses_get_the_same_answers(tmp_path: Path, *, is_slow: bool) -> None:
    """From MP-1 to MP-4, known and unknown addresses get the same answers.

    This holds if the mail server does not answer or does not run.
    """
    with ExitStack() as stack:
        slow = stack.enter_context(silent()) if is_slow else None
        away = relay(free_port() if slow is None else slow.port, timeout_seconds=50)
        made = stack.enter_context(installation(tmp_path / "election", relays=[away]))
        made.start("serve")
        made.start("courier")
        _example, voter = made.take_unused_voter(), made.take_unused_voter()  # the first page names the first one
        asked = {address: made.browser() for address in (voter.email, stranger(voter))}
        for address, browser in asked.items():
            browser.ask_for_link_mail(address)
        if slow is None:
            made.considered(2)
        else:
            assert slow.called.wait(180)  # the courier now waits for the mail server with the only mail
        for browser in asked.values():
            browser.get(MESSAGE)

    known, unknown = (
        [comparable_response(page, address) for page in browser.answers] for address, browser in asked.items()
    )

    assert known == unknown
    assert [page.status for page in asked[voter.email].answers] == [200, 303, 200, 303, 200, 303, 200, 200]

"""A Chromium that is driven over its pipe says what it could not do."""

import pytest

from guides.pictures.chromium_page import ChromiumRefused, launch_page
from guides.pictures.deterministic_chromium import OPTIONS
from tests.support.product import free_port


def test_what_chromium_refuses_is_told() -> None:
    """A dead address, a script's error and an unknown command each raise ChromiumRefused, which names it; the page goes on."""
    with launch_page(OPTIONS) as page:
        dead = f"http://127.0.0.1:{free_port()}/"
        with pytest.raises(ChromiumRefused, match=rf"{dead}: net::ERR_CONNECTION_REFUSED"):
            page.open(dead)
        with pytest.raises(ChromiumRefused, match="missing is not defined"):
            page.evaluate("() => missing")
        with pytest.raises(ChromiumRefused, match=r"Page\.unknown"):
            page.send("Page.unknown")
        assert page.evaluate("(one, other) => one + other", 1, 2) == 3

"""Gateways and couriers are killed while identifiers are re-issued."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.identifier_walk import new_identifier_walk
from tests.conformance.product import Product
from tests.support.product import SECONDS_OF_A_CLAIM, Installation, eventually, free_port, gateway, installation


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Installation]:
    """Run a product with its mail server, courier and site. Its first SMS gateway never runs."""
    with installation(tmp_path / "election") as made:
        away = gateway(free_port(), timeout_seconds=1)
        here = gateway(made.sms_port)
        made.variables["RETROUVE_SMS__GATEWAYS"] = json.dumps([away, here])
        for part in ("mailbox", "telephone", "courier", "serve"):
            made.start(part)
        yield made


def test_killed_gateways_and_couriers_lose_nothing_and_double_nothing(parts: Installation) -> None:
    """Kills during five re-issues lose no SMS and send none twice, and the second gateway replaces the first."""
    product = Product(url=parts.site)
    ways = [new_identifier_walk(product) for _ in range(5)]
    for way in ways:
        way.go_to_step("ID-2")
    for way in ways[:3]:
        way.go_to_step("ID-3", way.current_page)
    parts.kill("telephone")
    for way in ways[3:]:
        way.go_to_step("ID-3", way.current_page)
    parts.kill("courier")
    parts.start("telephone")
    # the killed courier's claims have expired by then
    parts.start("courier", RETROUVE_CLOCK_OFFSET_SECONDS=str(SECONDS_OF_A_CLAIM))
    for way in ways:
        way.browser.submit(way.current_page, {"code": way.wait_for_code()})
    parts.kill("telephone")
    parts.start("telephone")

    for way in ways:
        eventually(lambda way=way: way.browser.get(way.current_page.url).step == "ID-5", "a re-issue's end")
        assert len(set(way.identifiers())) == 1
        acts = [act for act, _ in parts.events(str(way.current_page.case))]
        assert acts.count("identifier-in-force") == acts.count("code-accepted") == 1
    assert parts.rows("SELECT count(*) FROM reissues") == [(5,)]
    assert "undelivered" not in {message.status for way in ways for message in product.messages(way.phone)}

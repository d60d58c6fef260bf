"""A re-issue while SMS travel: through the demo's gateway, which fails as operators do and is killed as processes are."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.adapters.telephone.store import Status
from tests.support.product import (
    SECONDS_OF_A_CLAIM,
    Demo,
    Installation,
    Reissuing,
    eventually,
    exchange,
    gateway,
    installation,
    reissuing,
)

SWITCHED_OFF, BARRED = "06 12 34 00 13", "06 12 34 00 16"


@pytest.fixture
def way(product: Demo) -> Reissuing:
    """A voter of the shared product, signed in."""
    return reissuing(product)


def test_a_code_answered_by_sms_moves_the_page_on_by_itself(way: Reissuing) -> None:
    """Nothing is typed on the page; both SMS and their reports are in the timeline."""
    way.ask_code()
    code = way.code()
    way.product.answer(way.number, f"voici : {code[:3]} {code[3:]}")

    eventually(way.identifiers, "an identifier")
    assert eventually(lambda: way.look().step == "ID-5", "the last step")
    eventually(lambda: ("sms-reported", "identifier delivered") in way.product.events(way.case), "its report")
    acts = [act for act, _ in way.product.events(way.case)]
    assert acts.count("sms-accepted") == 2
    assert ("code-accepted", "sms") in way.product.events(way.case)


def test_an_answer_that_is_wrong_or_comes_twice_counts_once(way: Reissuing) -> None:
    """As one typed on the page: the tries are shared."""
    way.ask_code()
    wrong = "000000" if way.code() != "000000" else "111111"
    way.product.answer(way.number, wrong)
    eventually(lambda: ("code-refused", "wrong-code") in way.product.events(way.case), "a wrong code")

    page = way.type_code(wrong)

    assert page.status == 422
    assert "3 essais" in page.text
    assert [act for act, _ in way.product.events(way.case)].count("code-refused") == 2


def test_an_identifier_that_stays_undelivered_is_told_and_may_be_asked_again(way: Reissuing) -> None:
    """The telephone is off: code and identifier are kept a while, then reported lost; the re-issue is free again."""
    way.ask_code(SWITCHED_OFF)
    way.type_code(way.code())

    assert eventually(lambda: way.look().step == "ID-6", "the step of what is lost")

    mail = way.product.mail(way.voter.email, count=4)
    assert "n'est pas arrivé" in mail.subject
    assert ("identifier-lost", "given-back") in way.product.events(way.case)
    assert ("sms-reported", "identifier undelivered") in way.product.events(way.case)


def test_a_code_that_the_operator_refuses_is_in_the_timeline(way: Reissuing) -> None:
    """The page says how to change the number; the desk sees why."""
    way.ask_code(BARRED)

    eventually(lambda: ("sms-reported", "code rejected") in way.product.events(way.case), "a refusal")
    assert way.look().step == "ID-3"


def test_the_messages_of_a_telephone_are_listed_with_their_true_status(way: Reissuing) -> None:
    """By the number as its owner writes it; the newest first."""
    way.ask_code()
    way.type_code(way.code())
    eventually(way.identifiers, "an identifier")

    def listed() -> list[dict[str, str]]:
        return list(_json(way, f"/demo/messages.json?to={way.voter.phone.replace('+', '%2B').replace(' ', '%20')}"))

    eventually(lambda: [each["status"] for each in listed()] == ["delivered"] * 2, "two deliveries")
    assert [each["channel"] for each in listed()] == ["sms", "sms"]
    assert way.identifiers()[0] in listed()[0]["text"]


def test_an_answer_can_be_written_on_the_demos_page(way: Reissuing) -> None:
    """As a person at the demo does it."""
    way.ask_code()
    code = way.code()
    page = way.browser.get(f"/demo?phone={way.number.replace('+', '%2B')}")
    assert code in page.text

    page = way.browser.post("/demo/telephone", {"number": way.number, "text": code})

    assert page.status == 200
    eventually(way.identifiers, "an identifier")


def test_what_gateways_call_is_no_page_of_the_site(product: Demo) -> None:
    """A visitor who tries is refused, without a word, even from this machine."""
    for path in ("/sms/inbound?id=1&from=%2B33612345678&text=012345", "/sms/report/code.7F3K-92QD.1/tag?status=1"):
        answer = exchange(product.site, "GET", path)
        assert (answer.status, answer.body) == (403, b"")


# ── Killed ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Installation]:
    """A product whose first SMS gateway is never there; its mailbox, courier and site run."""
    with installation(tmp_path / "election") as made:
        away = gateway(made.mail_port - 1, timeout_seconds=1)
        here = gateway(made.sms_port)
        made.variables["RETROUVE_SMS__GATEWAYS"] = json.dumps([away, here])
        for part in ("mailbox", "telephone", "courier", "serve"):
            made.start(part)
        yield made


def test_case_35_killed_gateways_and_couriers_lose_nothing_and_double_nothing(parts: Installation) -> None:
    """In the middle of five re-issues; the second gateway takes what the first cannot."""
    ways = [reissuing(parts) for _ in range(5)]
    for way in ways[:3]:
        way.ask_code()
    parts.kill("telephone")
    for way in ways[3:]:
        way.ask_code()
    parts.kill("courier")
    parts.start("telephone")
    # what the killed one had in hand is free by then
    parts.start("courier", RETROUVE_CLOCK_OFFSET_SECONDS=str(SECONDS_OF_A_CLAIM))
    for way in ways:
        way.type_code(way.code())
    parts.kill("telephone")
    parts.start("telephone")

    for way in ways:
        eventually(lambda way=way: way.look().step == "ID-5", "a re-issue's end", 40)
        assert len(set(way.identifiers())) == 1
        acts = [act for act, _ in parts.events(way.case)]
        assert acts.count("identifier-in-force") == acts.count("code-accepted") == 1
    assert parts.rows("SELECT count(*) FROM reissues") == [(5,)]
    assert all(text.status is not Status.UNDELIVERED for way in ways for text in parts.texts(way.number))


def _json(way: Reissuing, path: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(exchange(way.product.site, "GET", path).body)
    return found

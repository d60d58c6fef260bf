"""CASES 24, 29 and 30 over two web processes, on both engines: thirty-two clients and one phone, one voter, one code."""

import base64
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from core.digests import phone_digest
from core.phones import Phone, parse_phone
from core.policy import Policy
from tests.support.postgres import postgresql
from tests.support.product import (
    HERE,
    Answer,
    Call,
    Demo,
    Inside,
    Installation,
    at_once,
    eventually,
    hosts,
    inside,
    worked,
)
from tests.support.product.reissuing import IDENTIFIER

CLIENTS = 32
BEGIN, IDENTITY, CODE, SENDING = (
    "/identifiant/demande",
    "/identifiant/identite",
    "/identifiant/code",
    "/identifiant/envoi",
)
INBOUND = "/sms/inbound"
WRONG = 5
A_REQUEST = 1_000_000
"""Nanoseconds: less is what an idle process does in between."""
PHASES = 30
"""More than it takes: whoever asks anew an instant before the first code opens another case, and nothing is counted."""


@dataclass
class Ground:
    """A product at work, and what is inside it."""

    product: Demo | Installation
    inside: Inside
    shared: int = 0
    """In how many of the races both web processes had a part: which connection goes to which is the kernel's choice."""

    def race(self, calls: list[Call]) -> list[Answer]:
        """All at once."""
        before = {pid: worked(pid) for pid in self.product.workers}
        answers = at_once(self.product.site, calls)
        assert len(before) == 2
        self.shared += all(worked(pid) > mark + A_REQUEST for pid, mark in before.items())
        return answers

    def by_sms(self, number: str, text: str, gateway_id: str) -> Call:
        """What a gateway tells when somebody answers."""
        secret = (self.product.folder / "sms.secret").read_text("utf-8").strip()
        authorised = f"Basic {base64.b64encode(f'gateway:{secret}'.encode()).decode()}"
        return Call(INBOUND, {"id": gateway_id, "from": number, "text": text}, {"Authorization": authorised})

    def identifiers(self, number: str) -> list[str]:
        """What a telephone got."""
        found = [IDENTIFIER.search(text.text) for text in self.product.texts(number)]
        got = [each[0] for each in found if each is not None]
        self.product.secrets.update(got, (number.lstrip("+"),))
        return got

    def acts(self, case: str) -> Counter[tuple[str, str | None]]:
        """How often each thing stands in the journal of a case."""
        return Counter(self.product.events(case))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """The shared product, whose store is SQLite; and one of its own on PostgreSQL."""
    if request.param == "sqlite":
        product = request.getfixturevalue("product")
        with inside(product) as opened:
            made = Ground(product, opened)
            yield made
        assert made.shared > 2, "one process did it all"
        return
    folder = tmp_path_factory.mktemp("race")
    with (
        postgresql() as server,
        hosts(folder, f"{server.url}/postgres", places=(HERE,)) as (host,),
        inside(host) as opened,
    ):
        for part in ("mailbox", "telephone", "courier", "serve"):
            host.start(part)
        made = Ground(host, opened)
        yield made
        assert made.shared > 2, "one process did it all"


def phone(number: int) -> Phone:
    """A telephone of nobody on the roll."""
    return parse_phone(f"06 12 55 66 {number:02d}", Policy().phone_codes)


def test_case_30_one_phone_serves_one_voter(ground: Ground) -> None:
    """32 voters give the code of one number back in one instant, a quarter of them by SMS: one is served, the others keep all."""
    voters, shared = [ground.product.new_voter() for _ in range(CLIENTS)], phone(1)
    cookies = ground.inside.signed_in(voters)
    cases = [ground.inside.awaiting_code(voter, shared) for voter in voters]
    codes = [str(ground.inside.code(voter)) for voter in voters]

    answers = ground.race(
        [
            ground.by_sms(shared.e164, code, f"race-{case}")
            if number % 4 == 0
            else Call(CODE, {"code": code}, {"Cookie": cookie})
            for number, (cookie, case, code) in enumerate(zip(cookies, cases, codes, strict=True))
        ]
    )
    ground.product.settled()

    claimed = phone_digest(ground.inside.vault, shared.e164)
    held = ground.product.rows("SELECT voter FROM phone_claims WHERE phone = ?", claimed)
    (winner,) = [number for number, case in enumerate(cases) if reissues(ground, case)]
    assert len(held) == 1
    assert {answer.status for number, answer in enumerate(answers) if number % 4 == 0} == {202}
    told = Counter(
        (answer.header("Location"), answer.page.refusal) for number, answer in enumerate(answers) if number % 4
    )
    assert told.pop((SENDING, None), 0) == (winner % 4 != 0)
    assert set(told) == {(None, "phone-taken")}
    assert [number for number, voter in enumerate(voters) if ground.inside.registered(voter)] == [winner]
    eventually(lambda: ground.identifiers(shared.e164), "the one identifier")
    (identifier,) = ground.identifiers(shared.e164)
    assert [number for number, voter in enumerate(voters) if ground.inside.votes(voter, identifier)] == [winner]


def reissues(ground: Ground, case: str) -> int:
    """How many re-issues a case has reserved."""
    found: int = ground.product.rows('SELECT count(*) FROM reissues WHERE "case" = ?', case)[0][0]
    return found


def test_case_29_a_voter_in_thirty_two_tabs_gets_three(ground: Ground) -> None:
    """Each tab asks, says who it is, and gives the code of the moment, all in one instant, until every one is refused."""
    voter = ground.product.new_voter()
    (cookie,) = ground.inside.signed_in([voter])
    held = {"Cookie": cookie}
    year, month, day = voter.birth_date.split("-")
    born = {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year, "numen": voter.numen}

    for _ in range(PHASES):
        asked = ground.race([Call(BEGIN, {"choice": "request"}, held)] * CLIENTS)
        if {answer.page.refusal for answer in asked} == {"no-reissue-left"}:
            break
        at_once(ground.product.site, [Call(IDENTITY, {**born, "phone": phone(n).e164}, held) for n in range(2, 10)])
        code = ground.inside.code(voter) or "000000"
        mixed = [*[Call(CODE, {"code": code}, held)] * 3, Call(BEGIN, {"choice": "request"}, held)]
        ground.race(mixed * (CLIENTS // 4))
        ground.product.settled()
    else:
        pytest.fail("still not refused")

    counted = ground.product.rows(
        "SELECT slot, generation, ended IS NOT NULL FROM reissues"
        " WHERE voter = (SELECT id FROM voters WHERE email = ?) ORDER BY generation",
        voter.email,
    )
    assert sorted(slot for slot, _, _ in counted) == [1, 2, 3]
    assert [(generation, bool(ended)) for _, generation, ended in counted] == [(1, True), (2, True), (3, True)]
    registered = ground.inside.registered(voter)
    assert registered is not None
    assert (registered.generation, registered.version) == (3, 3)
    eventually(lambda: len(received(ground)) == 3, "three identifiers")
    assert sorted(ground.inside.votes(voter, each) for each in received(ground)) == [False, False, True]


def received(ground: Ground) -> list[str]:
    """What the telephones of that voter got."""
    return [each for number in range(2, 10) for each in ground.identifiers(phone(number).e164)]


def test_case_24_wrong_codes_count_once_whichever_way_they_come(ground: Ground) -> None:
    """One on the page and two by SMS, told many times, are three; of many more two are looked at, and then the right code opens nothing."""
    voter, own = ground.product.new_voter(), phone(50)
    (cookie,) = ground.inside.signed_in([voter])
    case = ground.inside.awaiting_code(voter, own)
    right = str(ground.inside.code(voter))
    wrong = f"{(int(right) + 1) % 10**6:06d}"

    typed = Call(CODE, {"code": wrong}, {"Cookie": cookie})
    twice = [ground.by_sms(own.e164, wrong, f"wrong-{case}-{number}") for number in range(2)]
    ground.race([typed, *twice * ((CLIENTS - 1) // 2)])
    assert ground.acts(case)["code-refused", "wrong-code"] == 3

    sent = [ground.by_sms(own.e164, wrong, f"more-{case}-{number}") for number in range(CLIENTS // 2)]
    answers = ground.race([typed] * (CLIENTS // 2) + sent)

    acts = ground.acts(case)
    assert acts["code-refused", "wrong-code"] == WRONG - 1
    assert acts["code-refused", "too-many-codes"] >= 1
    assert sum(answer.status == 422 for answer in answers) <= 1
    (late,) = at_once(ground.product.site, [Call(CODE, {"code": right}, {"Cookie": cookie})])
    assert late.header("Location") == BEGIN
    assert reissues(ground, case) == 0

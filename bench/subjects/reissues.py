"""Complete re-issues of voters who are signed in: asked for, identity given, code typed; two SMS and one mail to each."""

import time
from collections.abc import Iterator
from urllib.parse import urlencode

from sqlalchemy import select

from bench.cases import REISSUE, signed_in
from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground, Person
from bench.load import exchange, request
from core.adapters.sql.tables import recoveries
from core.codes import code_of
from tests.support.product import eventually

ROUNDS, REISSUES = 3, 400
PATIENCE_SECONDS = 120
FIRST_CODE = 1


def measure(ground: Ground) -> Iterator[Figure]:
    """From the first request to the last message that the sinks have taken."""
    ground.start("courier", "serve")
    ground.settle()
    rates = [_round(ground) for _ in range(ROUNDS)]
    yield Figure(name="complete re-issues", value=middle(rates), unit="/s", goal=Goal(least=100), note=spread(rates))


def _round(ground: Ground) -> float:
    people = ground.next_people(REISSUES)
    cookies = signed_in(ground, [person["email"] for person in people])
    mails, texts, known = ground.sink.count, ground.sink.texts, set(_cases(ground))
    began = time.perf_counter()
    _post(ground, REISSUE.begin.slug, [(cookie, {"choice": "request"}) for cookie in cookies])
    _post(ground, REISSUE.identity.slug, list(zip(cookies, map(identity, people), strict=True)))
    codes = {cookie: code_of(ground.vault, number, FIRST_CODE) for number, cookie in _told(ground, known, cookies)}
    _post(ground, REISSUE.code.slug, [(cookie, {"choice": "validate", "code": code}) for cookie, code in codes.items()])
    eventually(lambda: ground.sink.texts == texts + 2 * REISSUES, "the last SMS", PATIENCE_SECONDS)
    eventually(lambda: ground.sink.count == mails + REISSUES, "the last mail", PATIENCE_SECONDS)
    return REISSUES / (time.perf_counter() - began)


def _cases(ground: Ground) -> list[str]:
    """In the order in which voters stand on the roll, as they were chosen from it."""
    numbers = select(recoveries.c.number).where(recoveries.c.flow == REISSUE.flow.slug).order_by(recoveries.c.voter)
    with ground.database.connect() as connection:
        return list(connection.execute(numbers).scalars())


def _told(ground: Ground, known: set[str], cookies: list[str]) -> Iterator[tuple[str, str]]:
    return zip([number for number in _cases(ground) if number not in known], cookies, strict=True)


def identity(person: Person, **instead: str) -> dict[str, str]:
    """What they type at ID-2."""
    year, month, day = instead.get("birth_date", person["birth_date"]).split("-")
    numen = instead.get("numen", person["numen"])
    born = {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
    return {"choice": "validate", "phone": person["phone"], "numen": numen, **born}


def _post(ground: Ground, slug: str, forms: list[tuple[str, dict[str, str]]]) -> None:
    path = f"/{REISSUE.flow.slug}/{slug}"
    posts = [request("POST", path, ground.host, cookies=cookie, form=urlencode(form)) for cookie, form in forms]
    exchange(ground.installation.port, posts).require(303)

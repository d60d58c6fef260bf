"""Measures complete re-issues for signed-in voters."""

import json
import time
from collections.abc import Iterator

from sqlalchemy import select

from core.adapters.sql.tables import recoveries
from core.flows.identifier.definition import IdentifierFlow
from core.policy.policy import Policy
from core.security.security_codes import security_code
from tests.bench.figures import Figure, median_figure
from tests.bench.load_generator import form, send
from tests.bench.measured_system import MeasuredSystem, Person
from tests.bench.prepared_requests import signed_in

REISSUE = IdentifierFlow(Policy())
ROUNDS, REISSUES = 3, 200
FIRST_CODE = 1
LEAST_REISSUES_A_SECOND = 20


def measure_reissues(system: MeasuredSystem) -> Iterator[Figure]:
    """Measure re-issues from the first request to the last accepted message: two SMS and one mail per voter."""
    variables = system.installation.variables
    kannel, port = variables["RETROUVE_SMS__GATEWAYS"], system.installation.sms_port
    request = {"url": f"http://127.0.0.1:{port}/"}
    brevo = {"preset": "brevo", "sender": "38000", "secret_file": "sms.secret", "request": request}
    for name, gateways in (("by Brevo", json.dumps([brevo])), ("by Kannel", kannel)):
        system.stop("courier", "serve")
        variables["RETROUVE_SMS__GATEWAYS"] = gateways
        system.start("courier", "serve")
        system.settle()
        rates = [_reissue(system) for _ in range(ROUNDS)]
        yield median_figure(f"complete re-issues {name}", rates, "/s", least=LEAST_REISSUES_A_SECOND)


def _reissue(system: MeasuredSystem) -> float:
    people = system.next_people(REISSUES)
    cookies = signed_in(system, [person["email"] for person in people])
    mails, texts, others = system.servers.state.mails, system.servers.state.texts, set(_cases(system))
    began = time.perf_counter()
    begin(system, cookies)
    send(system.port, [identity_form(system, *each) for each in zip(people, cookies, strict=True)], 303)
    fresh = [number for number in _cases(system) if number not in others]
    codes = [
        security_code(system.vault, number, person["email"], FIRST_CODE)
        for number, person in zip(fresh, people, strict=True)
    ]
    _post(system, REISSUE.code.slug, cookies, [{"choice": "validate", "code": code} for code in codes])
    system.servers.wait_for(texts=texts + 2 * REISSUES, mails=mails + REISSUES)
    rate = REISSUES / (time.perf_counter() - began)
    system.settle()
    return rate


def _cases(system: MeasuredSystem) -> list[str]:
    """Return the case numbers of all re-issues in the order of the roll."""
    numbers = select(recoveries.c.number).where(recoveries.c.flow == REISSUE.flow.slug).order_by(recoveries.c.voter)
    with system.database.connect() as connection:
        return list(connection.execute(numbers).scalars())


def _post(system: MeasuredSystem, slug: str, cookies: list[str], forms: list[dict[str, str]]) -> None:
    path = f"/{REISSUE.flow.slug}/{slug}"
    send(system.port, [form(system.port, path, *each) for each in zip(forms, cookies, strict=True)], 303)


def begin(system: MeasuredSystem, cookies: list[str]) -> None:
    """Ask for a new identifier in these browsers."""
    _post(system, REISSUE.begin.slug, cookies, [{"choice": "request"}] * len(cookies))


def identity_form(system: MeasuredSystem, person: Person, cookies: str) -> bytes:
    """Return the form with which that person submits ID-2."""
    year, month, day = person["birth_date"].split("-")
    born = {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
    typed = {"choice": "validate", "phone": person["phone"], "numen": person["numen"], **born}
    return form(system.port, f"/{REISSUE.flow.slug}/{REISSUE.identity.slug}", typed, cookies)

"""Complete re-issues of voters who are signed in, and operators' reports about their SMS."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from core.adapters.sql.tables import recoveries
from core.delivery.sms_gateway_callbacks import report_tag
from core.flows.identifier.definition import IdentifierFlow
from core.policy.policy import Policy
from core.policy.urls import sms_report_url
from core.ports import MessageKind
from core.security.security_codes import security_code
from core.security.tokens import sms_id
from tests.bench.argon2id_yardstick import beside_argon2id, rate_figure, time_figure
from tests.bench.figures import Figure
from tests.bench.load_generator import form, page, send
from tests.bench.measured_system import MeasuredSystem, Person
from tests.bench.prepared_requests import signed_in

REISSUE = IdentifierFlow(Policy())
REISSUES, MESSAGES = 300, 500
FIRST_CODE = 1
STATUSES = (8, 1, 8, 1)
"""Accepted, delivered, and both once more, as gateways send them."""
CASE = "7F3K-92QD"


def measure_reissues(system: MeasuredSystem) -> Iterator[Figure]:
    """Re-issues from the first request to the last message that was taken: two SMS and one mail to each voter."""
    system.start("courier", "serve")
    system.settle()
    yield rate_figure("complete re-issues", beside_argon2id(5, lambda: _reissue(system)), 0.9)


def _reissue(system: MeasuredSystem) -> tuple[float]:
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
    return (rate,)


def _cases(system: MeasuredSystem) -> list[str]:
    """The numbers of all re-issues, in the order of their voters on the roll."""
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
    """Return what that person types at ID-2."""
    year, month, day = person["birth_date"].split("-")
    born = {"birth_date-day": day, "birth_date-month": month, "birth_date-year": year}
    typed = {"choice": "validate", "phone": person["phone"], "numen": person["numen"], **born}
    return form(system.port, f"/{REISSUE.flow.slug}/{REISSUE.identity.slug}", typed, cookies)


def measure_reports(system: MeasuredSystem) -> Iterator[Figure]:
    """Reports a second, and the time within which 99 of 100 are answered; each is a transaction of its own."""
    system.start("serve")
    rounds = beside_argon2id(7, lambda: _report(system))
    yield rate_figure("delivery reports", rounds, 25)
    yield time_figure("delivery reports, 99 of 100 within", rounds, 0.75, which=1)


def _report(system: MeasuredSystem) -> tuple[float, float]:
    now = datetime.now(UTC)
    with system.store.write() as transaction:
        messages = [
            transaction.outbox.put(kind=MessageKind.CODE, case=CASE, at=now + timedelta(days=1), useful_until=now)
            for _ in range(MESSAGES)
        ]
    ids = [sms_id(MessageKind.CODE, CASE, message) for message in messages]
    addresses = [sms_report_url("", each, report_tag(system.vault, each)) for each in ids]
    paths = [address.replace("%d", str(status)) for status in STATUSES for address in addresses]
    result = send(system.port, [page(system.port, path) for path in paths], 202)
    return result.rate, sorted(result.each)[len(result.each) * 99 // 100]

"""Operators' reports about codes: accepted, delivered, and both once more, as gateways send them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench.figures import Figure
from bench.load_generator import page, send
from bench.measured_system import MeasuredSystem
from bench.yardsticks import beside_argon2id, rate_figure, time_figure
from core.delivery.sms_gateway_callbacks import report_tag
from core.policy.urls import sms_report_url
from core.ports import MessageKind
from core.security.tokens import sms_id

ROUNDS, MESSAGES = 7, 500
STATUSES = (8, 1, 8, 1)
CASE = "7F3K-92QD"


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """Reports a second, and the time within which 99 of 100 are answered; each is a transaction of its own."""
    system.start("serve")
    rounds = beside_argon2id(ROUNDS, lambda: _round(system))
    yield rate_figure("delivery reports", rounds, 25)
    yield time_figure("delivery reports, 99 of 100 within", rounds, 0.75, which=1)


def _round(system: MeasuredSystem) -> tuple[float, float]:
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

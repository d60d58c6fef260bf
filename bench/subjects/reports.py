"""Reports of operators about codes: accepted, delivered, and both told once more, as gateways do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground
from bench.load import exchange, request
from core.places import sms_report_address
from core.ports import ParcelKind
from core.service.deliveries import report_tag
from core.tokens import sms_id

ROUNDS, MESSAGES = 5, 1_000
STATUSES = (8, 1, 8, 1)
RATE, DELAY = Goal(least=1_000), Goal(most=20)
CASE = "7F3K-92QD"
PERCENTILE = 0.99


def measure(ground: Ground) -> Iterator[Figure]:
    """At concurrency 8, each report a transaction."""
    ground.start("serve")
    rates, delays = [], []
    for _ in range(ROUNDS):
        exchanged = exchange(ground.installation.port, _reports(ground))
        exchanged.require(202)
        rates.append(exchanged.rate)
        delays.append(sorted(exchanged.each)[int(len(exchanged.each) * PERCENTILE)] * 1000)
    yield Figure(name="delivery reports", value=middle(rates), unit="/s", goal=RATE, note=spread(rates))
    yield Figure(
        name="delivery reports, 99 of 100 within", value=middle(delays), unit="ms", goal=DELAY, note=spread(delays)
    )


def _reports(ground: Ground) -> list[bytes]:
    now = datetime.now(UTC)
    with ground.store.write() as transaction:
        parcels = [
            transaction.outbox.put(kind=ParcelKind.CODE, case=CASE, at=now + timedelta(days=1), useful_until=now)
            for _ in range(MESSAGES)
        ]
    ids = [sms_id(ParcelKind.CODE, CASE, parcel) for parcel in parcels]
    addresses = [sms_report_address("", each, report_tag(ground.vault, each)) for each in ids]
    paths = [address.replace("%d", str(status)) for status in STATUSES for address in addresses]
    return [request("GET", path, ground.host) for path in paths]

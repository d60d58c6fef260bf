"""`retrouve doctor` reports within a minute if no courier works or if messages wait too long."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.checks import DoctorCheckResult, DoctorCheckSeverity
from cli.checks.couriers import check_couriers_and_queue
from core.adapters.sql.host_heartbeats import HostHeartbeat, courier_silence, write_host_heartbeat
from core.adapters.sql.store import SqlStore
from core.app.health import doctor_sentences as words
from core.app.settings import Settings
from core.flows.registry import states_by_flow
from core.ports import MessageKind
from tests.cli.test_doctor import settings_with
from tests.support.stores import ROWS, STORES, KeptStore

OK, ATTENTION, FAULT = DoctorCheckSeverity
NOW = datetime(2018, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeptStore]:
    """An empty database of each kind."""
    with STORES[request.param](tmp_path) as made:
        yield made


@pytest.fixture
def settings(kept: KeptStore, tmp_path: Path) -> Settings:
    return settings_with(tmp_path, DATABASE_URL=kept.engine.url.render_as_string(hide_password=False))


def courier_seen(kept: KeptStore, host: str, seconds_ago: int) -> None:
    with kept.engine.execution_options(writes=True).begin() as connection:
        write_host_heartbeat(
            connection, HostHeartbeat(f"{host} courier", NOW - timedelta(seconds=seconds_ago), timedelta())
        )


def of_couriers(settings: Settings) -> list[tuple[DoctorCheckSeverity, str]]:
    checks = [*check_couriers_and_queue(settings, NOW)]
    return [(each.verdict, each.finding.msgid) for each in checks if each.subject == words.SENDING]


def of_queue(settings: Settings) -> DoctorCheckResult:
    return [*check_couriers_and_queue(settings, NOW)][-1]


def test_stopped_couriers_are_named(kept: KeptStore, settings: Settings) -> None:
    """Doctor names a courier that has stopped. It is a fault if no courier has worked for half a minute."""
    assert of_couriers(settings) == [(ATTENTION, words.COURIER_UNKNOWN.msgid)]
    assert courier_silence(kept.engine, NOW) is None

    courier_seen(kept, "host1", 300)
    courier_seen(kept, "host2", 2)
    courier_seen(kept, "removed", 8 * 24 * 3600)
    assert of_couriers(settings) == [(OK, words.COURIERS_WORK.msgid), (ATTENTION, words.COURIER_STOPPED.msgid)]
    assert courier_silence(kept.engine, NOW) == timedelta(seconds=2)

    (stopped,) = [
        each for each in check_couriers_and_queue(settings, NOW + timedelta(seconds=28)) if each.verdict is FAULT
    ]
    assert stopped.finding.msgid == words.COURIERS_STOPPED.msgid
    assert courier_silence(kept.engine, NOW + timedelta(seconds=28)) == timedelta(seconds=30)


@pytest.mark.parametrize("kind", [MessageKind.ASK, MessageKind.CODE])
def test_an_ageing_queue_is_a_fault(kept: KeptStore, settings: Settings, kind: MessageKind) -> None:
    """Doctor reports a fault if a requested mail or SMS has waited more than a minute for a courier."""
    store = SqlStore(kept.engine, states_by_flow(), ROWS)
    for seconds, verdict in ((0, OK), (59, OK), (61, FAULT)):
        at = NOW - timedelta(seconds=seconds)
        with store.write() as transaction:
            transaction.outbox.put(kind=kind, case="AAAA-AAAA", at=at, useful_until=NOW + timedelta(hours=4))
        with store.read() as transaction:
            assert transaction.outbox.overdue(NOW) == timedelta(seconds=seconds)

        assert of_queue(settings).verdict is verdict

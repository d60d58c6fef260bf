import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock

from core.adapters.database_clock import DatabaseSyncedClock
from core.adapters.sql.database_check import DatabaseRefused
from core.adapters.sql.database_failure_cause import database_failure_cause_of
from core.adapters.sql.host_heartbeats import WRITE_INTERVAL, HostHeartbeat, write_host_heartbeat
from core.adapters.sql.store import CLOCKS_APART, SqlStore
from core.adapters.sql.transaction import SqlTransaction
from core.ports import StoreUnavailable
from core.text.faces import readiness_sentences as words
from core.text.faces.readiness_sentences import NotReadyCause
from core.text.text import Language, Text
from core.text.translation import translate

READY = "ready"
KEPT_SECONDS = 1.0
"""Number of seconds for which a readiness report is reused."""
CHECKED_EVERY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ReadinessReport:
    """The state of each part of a host. Problems in `notes` do not stop the host from serving."""

    parts: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        return all(state == READY for state in self.parts.values())


class HostReadinessCheck:
    """Checks the database, and compares the database's clock with the host's clock."""

    def __init__(self, store: SqlStore, clock: DatabaseSyncedClock, host: str, late: timedelta) -> None:
        self._store, self._clock, self._host, self._late = store, clock, host, late
        self._lock = Lock()
        self._last: ReadinessReport | None = None
        self._serves_until = self._written = self._checked = -float("inf")

    def report(self) -> ReadinessReport:
        """Return a readiness report. Calls within one second return the same report."""
        last = self._last
        if not self._lock.acquire(blocking=last is None):
            assert last is not None  # noqa: S101  # otherwise `acquire` blocks
            return last
        try:
            if self._last is None or time.monotonic() >= self._serves_until:
                self._last = self._make_report()
                self._serves_until = time.monotonic() + KEPT_SECONDS
            return self._last
        finally:
            self._lock.release()

    def _make_report(self) -> ReadinessReport:
        notes = dict[str, str]()
        try:
            delay = self._use_database()
        except DatabaseRefused as refused:
            database = _state(refused.cause, refused.reason)
        except StoreUnavailable as failure:
            database = _state(*database_failure_cause_of(failure, self._store.engine))
        else:
            database = READY
            if delay > self._late:
                notes["courier"] = _state(
                    NotReadyCause.BEHIND, words.COURIER_BEHIND.for_count(round(delay.total_seconds()))
                )
        apart, clock = self._clock.clock_difference_lower_bound(), READY
        if apart > CLOCKS_APART:
            clock = _state(NotReadyCause.CLOCK, words.CLOCK_APART.for_count(round(apart.total_seconds())))
        parts = {"database": database, "clock": clock}
        missing = self._store.missing_key()
        if missing is not None:
            now = self._clock.time_without_demo_offset()
            concerned = parts if missing.is_in_use(now) else notes
            concerned["keys"] = _state(NotReadyCause.KEY_MISSING, missing.missing_sentence(now))
        return ReadinessReport(parts, notes)

    def _use_database(self) -> timedelta:
        """Check the database and record this host as alive. Returns the age of the oldest link request."""
        if time.monotonic() - self._checked >= CHECKED_EVERY_SECONDS:
            self._checked = -float("inf")
            self._store.check()
            self._checked = time.monotonic()
        writes = time.monotonic() - self._written >= WRITE_INTERVAL.total_seconds()
        with self._store.write() if writes else self._store.read() as transaction:
            if writes and isinstance(transaction, SqlTransaction):
                self._written = -float("inf")
                write_host_heartbeat(
                    transaction.connection,
                    HostHeartbeat(self._host, self._clock.time_without_demo_offset(), self._clock.machine_clock_lead()),
                )
            delay = transaction.outbox.oldest_request_delay(self._clock.now())
        if writes:
            self._written = time.monotonic()
        return delay


def _state(cause: NotReadyCause, sentence: Text) -> str:
    return f"{cause}: {translate(sentence, Language.ENGLISH)}"

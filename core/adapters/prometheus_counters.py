"""Prometheus metrics of this process. Set PROMETHEUS_MULTIPROC_DIR before importing this module."""

import re

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core.ports import PasswordHasherOperation, ProcessMeasurements

HASH_SECONDS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1.0, 2.0)
STABLE = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
ANYTHING_ELSE = "other"


class PrometheusMeasurements(ProcessMeasurements):
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        hashing = Histogram(
            "retrouve_password_hash_seconds",
            "Time to hash a password with argon2id.",
            ["work"],
            buckets=HASH_SECONDS,
            registry=self.registry,
        )
        self._hashing = {work: hashing.labels(work.value) for work in PasswordHasherOperation}

        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(name, meaning, labels, registry=self.registry)

        self._refusals = counter("retrouve_refusal_pages", "Refusal pages shown, by reason.", "reason")
        self._callbacks = counter(
            "retrouve_sms_callbacks", "Requests from SMS gateways, by kind and outcome.", "what", "outcome"
        )
        self._uncounted = counter(
            "retrouve_network_store_failures", "Failures of the Valkey server that counts requests per network."
        )
        self._answers = counter(
            "retrouve_provider_answers", "Tries with mail relays and SMS gateways, by outcome.", "provider", "outcome"
        )
        self._rows = counter("retrouve_rows_refused", "Rows that failed authentication, by table.", "table")
        self._settings_refused = Gauge(
            "retrouve_settings_refused",
            "1 if the last reload refused the settings or keys, otherwise 0.",
            registry=self.registry,
            multiprocess_mode="max",
        )

    def serve(self, figures: Collector, host: str, port: int) -> None:
        _serve(self.registry, figures, host, port)

    def record_hashing(self, work: PasswordHasherOperation, seconds: float) -> None:
        self._hashing[work].observe(seconds)

    def count_refusal(self, reason: str) -> None:
        self._refusals.labels(reason_id_or_other(reason)).inc()

    def count_callback(self, what: str, outcome: str) -> None:
        self._callbacks.labels(what, outcome).inc()

    def count_network_store_failure(self) -> None:
        self._uncounted.inc()

    def count_refused_row(self, table: str) -> None:
        self._rows.labels(table).inc()

    def count_provider_answer(self, provider: str, *, accepted: bool, times: int = 1) -> None:
        self._answers.labels(provider, "accepted" if accepted else "failed").inc(times)

    def record_reload(self, *, refused: bool) -> None:
        self._settings_refused.set(refused)


def serve_metrics_of_other_processes(files: str, figures: Collector, host: str, port: int) -> None:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, files)  # type: ignore[no-untyped-call]  # the library has no type for it
    _serve(registry, figures, host, port)


def _serve(registry: CollectorRegistry, figures: Collector, host: str, port: int) -> None:
    registry.register(figures)
    start_http_server(port, addr=host, registry=registry)


def reason_id_or_other(reason: str | None) -> str:
    return reason if reason is not None and STABLE.fullmatch(reason) else ANYTHING_ELSE

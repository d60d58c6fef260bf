"""Serves metrics to Prometheus. A separate process serves the web workers' metrics."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cli.free_address_check import require_free_address
from cli.open_services import open_services_or_exit
from core.adapters import logs
from core.adapters.sql.host_heartbeats import courier_silence
from core.adapters.sql.postgresql_cluster import count_confirming_standbys, count_writable_servers
from core.app.services import Services
from core.app.settings import MetricsSection
from core.ports import ProcessMeasurements
from core.security.key_roles import ProgramKeyRole
from core.text.faces.shared_cli_sentences import METRICS_ADDRESS_TAKEN

if TYPE_CHECKING:
    from core.adapters.election_metrics import ElectionMetricsCollector

FILES_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
WATCH_SECONDS = 1.0
SECONDS_TO_STOP = 2


def serve_own_metrics(services: Services) -> None:
    """If a port is set, serve the metrics of the courier and the election."""
    metrics = services.settings.metrics
    if metrics.courier_port is None:
        return
    from core.adapters.prometheus_counters import PrometheusMeasurements  # noqa: PLC0415  # needed only if metrics are served

    require_own_metrics_address(metrics)
    if isinstance(services.measures, PrometheusMeasurements):
        services.measures.serve(_figures(services), metrics.host.strip("[]"), metrics.courier_port)


def require_own_metrics_address(metrics: MetricsSection) -> None:
    if metrics.courier_port is not None:
        require_free_address(metrics.host, metrics.courier_port, METRICS_ADDRESS_TAKEN)


@contextmanager
def serve_worker_metrics(directory: Path, metrics: MetricsSection) -> Iterator[None]:
    """If a port is set, serve the web workers' metrics while the block runs."""
    if metrics.serve_port is None:
        yield
        return
    require_free_address(metrics.host, metrics.serve_port, METRICS_ADDRESS_TAKEN)
    with TemporaryDirectory(prefix="retrouve-figures-") as files:
        os.environ[FILES_VARIABLE] = files
        # Fork before any thread exists. The new process shares the memory of the loaded modules.
        server = multiprocessing.get_context("fork").Process(
            target=_serve_figures, args=(directory, files, os.getpid())
        )
        server.start()
        try:
            yield
        finally:
            server.terminate()
            server.join(SECONDS_TO_STOP)


def measurements_beside_workers(metrics: MetricsSection) -> ProcessMeasurements:
    """Return the counters of the web workers' parent process. Call only inside `serve_worker_metrics`."""
    from core.app.election_folder import build_prometheus_measurements  # noqa: PLC0415  # needed only if metrics are served

    return ProcessMeasurements() if metrics.serve_port is None else build_prometheus_measurements()


def _figures(services: Services) -> "ElectionMetricsCollector":
    from core.adapters.election_metrics import ElectionMetricsCollector  # noqa: PLC0415  # needed only if metrics are served

    return ElectionMetricsCollector(
        services.dependencies.store,
        services.dependencies.clock,
        services.budgets,
        lambda: count_confirming_standbys(services.database_engine),
        lambda: count_writable_servers(services.database_engine.url),
        courier_silence=lambda: courier_silence(services.database_engine, services.database_time),
    )


def _serve_figures(directory: Path, files: str, parent: int) -> None:
    from core.adapters.prometheus_counters import serve_metrics_of_other_processes  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # at Ctrl+C, the parent stops this process
    services = open_services_or_exit(directory, ProgramKeyRole.SERVE)
    logs.configure_logs(services.settings.log_level, process="figures")
    metrics = services.settings.metrics
    serve_metrics_of_other_processes(files, _figures(services), metrics.host.strip("[]"), metrics.serve_port or 0)
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)

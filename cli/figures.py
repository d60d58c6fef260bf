"""Where Prometheus reads the figures: an address of its own, which voters do not reach.

The courier tells its own. The workers of `serve` count in files of a folder of their own, and one process beside them tells
what they hold: a scrape takes nothing from a page, and a worker that dies loses no count.
"""

import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.house import open_house
from cli.words import tell
from core.bootstrap import House
from core.settings import MetricsSection
from core.words import figures as words

FILES_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
WATCH_SECONDS = 1.0
SECONDS_TO_STOP = 2


def tell_own_figures(house: House) -> None:
    """Of this process and of the election, from a thread that ends with it; nowhere if the settings name no port."""
    metrics = house.settings.metrics
    if metrics.courier_port is None:
        return
    from core.adapters.prometheus import ElectionFigures, PrometheusMeasures  # noqa: PLC0415  # only where they are read

    _require_free(metrics.host, metrics.courier_port)
    if isinstance(house.measures, PrometheusMeasures):
        figures = ElectionFigures(house.store, house.clock, house.budgets)
        house.measures.tell(figures, metrics.host.strip("[]"), metrics.courier_port)


@contextmanager
def figures_of_workers(directory: Path, metrics: MetricsSection) -> Iterator[None]:
    """Meanwhile, what the workers started here count is told; nothing is if the settings name no port."""
    if metrics.serve_port is None:
        yield
        return
    _require_free(metrics.host, metrics.serve_port)
    with TemporaryDirectory(prefix="retrouve-figures-") as files:
        os.environ[FILES_VARIABLE] = files
        # Forked before any thread is there; it shares the memory of what is loaded already.
        teller = multiprocessing.get_context("fork").Process(target=_tell, args=(directory, files, os.getpid()))
        teller.start()
        try:
            yield
        finally:
            teller.terminate()
            teller.join(SECONDS_TO_STOP)


def _tell(directory: Path, files: str, parent: int) -> None:
    from core.adapters import logs  # noqa: PLC0415  # the parent process needs none of this
    from core.adapters.prometheus import ElectionFigures, tell_files  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the parent, which ends this one
    house = open_house(directory)
    logs.configure(house.settings.log_level, process="figures")
    metrics = house.settings.metrics
    figures = ElectionFigures(house.store, house.clock, house.budgets)
    tell_files(files, figures, metrics.host.strip("[]"), metrics.serve_port or 0)
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)


def _require_free(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        facts = {"place": f"{host}:{port}", "detail": error.strerror or type(error).__name__}
        sys.exit(tell(words.NO_PLACE.fill(facts)))

"""Serves a bare WSGI application. The product's figures are multiples of its figures."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cli.serve import CONNECTIONS, SPARE_THREADS
from core.app.settings.sections import WebSection
from tests.support.product import exchange, free_port, put_down

LOOK_SECONDS, TIMEOUT_SECONDS = 0.005, 60


@contextmanager
def reference_server(target: str, **variables: str) -> Iterator[tuple[int, int]]:
    """Serve a WSGI application with the product's settings. Yields its pid and port."""
    port = free_port()
    settings = map(str, (port, WebSection.model_fields["workers"].default, SPARE_THREADS, CONNECTIONS))
    process = subprocess.Popen(  # our own command
        [sys.executable, "-m", "tests.bench.reference_server", target, *settings], env={**os.environ, **variables}
    )
    try:
        yield process.pid, port
    finally:
        put_down(process)


def wait_for_page(port: int, path: str = "/") -> None:
    """Wait until a page is served. Raises AssertionError after a timeout."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            assert exchange(f"http://127.0.0.1:{port}", "GET", path).status == 200
            return
        time.sleep(LOOK_SECONDS)
    raise AssertionError(path)

"""Serve a WSGI application as `retrouve serve` serves the site: `python -m tests.bench.reference_server TARGET PORT WORKERS THREADS QUEUE`.

It imports nothing from the product, so that the bare application starts as fast as possible.
"""

import sys

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server


def bare_application() -> Flask:
    """Return a Flask application with one route."""
    application = Flask(__name__)
    application.add_url_rule("/", view_func=lambda: "bare")
    return application


def serve(target: str, port: int, workers: int, threads: int, queue: int) -> None:
    """Serve until SIGTERM."""
    Server(
        target,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=1024,
        backpressure=queue,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        factory=True,
    ).serve()


if __name__ == "__main__":
    serve(sys.argv[1], *map(int, sys.argv[2:]))

"""`retrouve serve`: the voters' site."""

import gc
import os
import signal
import socket
import sys
from pathlib import Path

import click
from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from cli.figures import figures_of_workers
from cli.house import IN_FOLDER, open_house
from cli.words import tell
from core.adapters import logs
from core.words.serve import ADDRESS_TAKEN
from webhook.app import create_app

FOLDER_VARIABLE = "RETROUVE_DIR"
REQUESTS_AT_ONCE = 2
"""Threads a worker: one computes while the other waits for the disk or for its turn to write. With more they take turns at the
interpreter while one of them holds the database: 1,500 asks/s with 2, 1,360 with 4, 1,420 with 1 (measured on two cores)."""
QUEUE = 256
SECONDS_TO_FINISH = 3


@click.command()
@IN_FOLDER
def serve(directory: Path) -> None:
    """Serve the voters' site until SIGTERM; requests under way are answered first."""
    settings = open_house(directory).settings
    web = settings.web
    _require_free(web.host, web.port)
    os.environ[FOLDER_VARIABLE] = str(directory.resolve())
    server = Server(
        "cli.serve:application",
        address=web.host,
        port=web.port,
        interface=Interfaces.WSGI,
        workers=web.workers,
        blocking_threads=REQUESTS_AT_ONCE,
        backlog=1024,
        backpressure=QUEUE,
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_FINISH,
        log_level=LogLevels.warning,
        log_dictconfig={"handlers": {"console": logs.SERVER_HANDLER, "access": logs.SERVER_HANDLER}},
        factory=True,
    )
    os.register_at_fork(after_in_child=_deaf_no_more)
    with figures_of_workers(directory, settings.metrics):
        server.serve()


def _deaf_no_more() -> None:
    """A worker that is asked to stop while it starts does: it would have its parent's ear, which nobody listens to there."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _require_free(host: str, port: int) -> None:
    """Leaves the command, naming the address, when somebody listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), port))
    except OSError as taken:
        sys.exit(tell(ADDRESS_TAKEN.fill({"host": host, "port": str(port), "detail": taken.strerror or ""})))


def application() -> Flask:
    """What each worker runs; it is a fork of this process, in which everything is loaded already."""
    house = open_house(Path(os.environ[FOLDER_VARIABLE]), measured=True)
    logs.configure(house.settings.log_level, process="serve")
    app = create_app(house)
    gc.freeze()  # what is there now stays: looking through it again and again would take time from every request
    return app

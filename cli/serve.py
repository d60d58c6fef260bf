"""`retrouve serve`: the voters' site."""

import os
from pathlib import Path

import click
from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from cli.house import IN_FOLDER, open_house

FOLDER_VARIABLE = "RETROUVE_DIR"
REQUESTS_AT_ONCE = 8
"""Threads a worker: more than cores, because a request may wait for the disk."""
QUEUE = 256
SECONDS_TO_FINISH = 4


@click.command()
@IN_FOLDER
def serve(directory: Path) -> None:
    """Serve the voters' site until SIGTERM; requests under way are answered first."""
    web = open_house(directory).settings.web
    os.environ[FOLDER_VARIABLE] = str(directory.resolve())
    Server(
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
        factory=True,
    ).serve()


def application() -> Flask:
    """What each worker runs."""
    from core.adapters import logs  # noqa: PLC0415  # the parent process needs none of this
    from webhook.app import create_app  # noqa: PLC0415

    house = open_house(Path(os.environ[FOLDER_VARIABLE]))
    logs.configure(house.settings.log_level, process="serve")
    return create_app(house)

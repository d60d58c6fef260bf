"""The command `retrouve serve`, which serves the voters' web site with granian."""

import ctypes
import gc
import logging
import multiprocessing
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path
from types import FrameType
from typing import Any

import click
from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from cli.free_address_check import require_free_address
from cli.metrics_server import measurements_beside_workers, serve_worker_metrics
from cli.open_services import open_services_or_exit, reopen_services
from cli.stop_signal_handlers import is_started_in_terminal
from cli.terminal_translation import IN_FOLDER, translate_for_terminal
from core.adapters import logs
from core.adapters.password_hashing import PasswordTurns
from core.app.election_folder import open_services_in_worker
from core.app.services import Services
from core.app.settings import Settings
from core.app.settings.sections import WebSection
from core.ports import ProcessMeasurements
from core.security.key_roles import ProgramKeyRole
from core.text.faces.shared_cli_sentences import SERVE_HELP, SITE_ADDRESS_TAKEN
from webhook.site_application import create_site

NEEDING_RESTART = ("web.host", "web.port", "web.workers", "metrics.host", "metrics.serve_port")
CONNECTIONS = 768
"""Maximum number of open connections per worker. Must be below the limit of 1,024 open files."""
SPARE_THREADS = 64
"""Number of threads per worker for requests that do not hash passwords."""
IDLE_SECONDS = 20
"""Maximum number of seconds to receive a request header. The proxy's limit is lower."""
MALLOC_ARENA_OPTION, MALLOC_ARENAS = -8, 2
"""The option M_ARENA_MAX of mallopt(3) and its value."""
SECONDS_TO_FINISH = 40
"""A worker that needs more seconds than this to stop is killed. The service manager waits longer."""
log = logging.getLogger("retrouve")


@dataclass
class ServicesInForce:
    """Holds the services with the newest valid settings and keys. New workers inherit these services."""

    services: Services | None = None


in_force = ServicesInForce()


@click.command(help=translate_for_terminal(SERVE_HELP))
@IN_FOLDER
def serve(directory: Path) -> None:
    services = open_services_or_exit(directory, ProgramKeyRole.SERVE)
    services.close()  # two processes cannot share a connection
    in_force.services, settings = services, services.settings
    logs.configure_logs(settings.log_level, process="serve")
    web = settings.web
    require_free_address(web.host, web.port, SITE_ADDRESS_TAKEN)
    with serve_worker_metrics(directory, settings.metrics):
        log.info(
            "serving",
            extra={
                "address": f"{web.host}:{web.port}",
                "site": settings.election.site,
                "version": version("retrouve"),
                "workers": web.workers,
                "database": settings.database_without_secrets(),
                "pid": os.getpid(),
            },
        )
        share_memory_pools()
        server = _server(settings)
        measures = measurements_beside_workers(settings.metrics)
        server.on_startup(partial(_handle_hangups, directory, settings, measures))
        multiprocessing.set_start_method("fork", force=True)
        server.serve()


def share_memory_pools() -> None:
    """Limit glibc's memory pools, to save 300 MB in each worker."""
    with suppress(AttributeError):  # other C libraries have no mallopt
        ctypes.CDLL(None).mallopt(MALLOC_ARENA_OPTION, MALLOC_ARENAS)


def _server(settings: Settings) -> Any:  # noqa: ANN401  # granian chooses its server class when it is imported
    web = settings.web
    return Granian(
        "cli.serve:application",
        address=web.host,
        port=web.port,
        interface=Interfaces.WSGI,
        workers=web.workers,
        blocking_threads=_threads(settings),
        backpressure=CONNECTIONS,
        # With HTTP/2 enabled, granian has no time limit for the first byte of a connection.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=IDLE_SECONDS * 1000),
        respawn_failed_workers=True,
        workers_kill_timeout=SECONDS_TO_FINISH,
        log_level=LogLevels.warning,
        log_dictconfig=dict(logs.SERVER_LOGGING),
        factory=True,
    )


def _threads(settings: Settings) -> int:
    return SPARE_THREADS + settings.applied_policy().passwords_waiting


def _handle_hangups(directory: Path, started: Settings, measures: ProcessMeasurements) -> None:
    """On SIGHUP, reload the settings if they are valid. In a terminal, stop the site instead."""
    reload_workers: Any = signal.getsignal(signal.SIGHUP)
    stop = signal.getsignal(signal.SIGTERM)

    def reload(number: int, frame: FrameType | None) -> None:
        services = reopen_services(directory, ProgramKeyRole.SERVE)
        measures.record_reload(refused=services is None)
        if services is None:
            return
        services.close()
        in_force.services = services
        log.info("settings-read-again", extra={"needs_restart": _needing_restart(started, services.settings)})
        reload_workers(number, frame)

    signal.signal(signal.SIGHUP, stop if is_started_in_terminal() else reload)


def _needing_restart(started: Settings, now: Settings) -> list[str]:
    names = [name for name in NEEDING_RESTART if attrgetter(name)(now) != attrgetter(name)(started)]
    return names if _threads(now) == _threads(started) else [*names, "policy.passwords_waiting"]


def application() -> Flask:
    """Create the Flask application for a new worker."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until granian installs its own handler
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the parent process handles this signal
    assert in_force.services is not None  # noqa: S101  # `serve` sets it before it starts workers
    services = open_services_in_worker(in_force.services)
    logs.configure_logs(services.settings.log_level, process="serve")
    services = with_password_turns(services)
    if services.settings.demo:
        from demo.pages import create_demo_site  # noqa: PLC0415  # real elections do not import the demo

        app = create_demo_site(services)
    else:
        app = create_site(services)
    gc.freeze()  # exempt the loaded objects from garbage collection, which would slow down requests
    return app


def with_password_turns(services: Services) -> Services:
    """Return services that limit the number of simultaneous password hashes."""
    policy = services.dependencies.policy
    turns = PasswordTurns(
        at_once=hashes_at_once(services.settings.web),
        waiting=policy.passwords_waiting,
        wait_seconds=policy.password_wait_seconds,
    )
    return replace(services, dependencies=replace(services.dependencies, password_turn=turns.take))


def hashes_at_once(web: WebSection) -> int:
    return max(1, (web.hashes_at_once or os.cpu_count() or 1) // web.workers)

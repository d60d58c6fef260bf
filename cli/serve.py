"""`retrouve serve`: serve the voters' site."""

import gc
import os
import signal
from functools import partial
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path

import click
import structlog

from cli.free_address_check import require_free_address
from cli.granian_server import LAST_ANSWERS, GranianServer
from cli.metrics_server import serve_worker_metrics
from cli.open_services import open_services_or_exit, reopen_services
from cli.terminal_translation import IN_FOLDER, translate_for_terminal
from core.adapters import logs
from core.app.concurrent_password_hashing_limits import with_password_queues
from core.app.settings import Settings
from core.security.roles_holding_keys import ProgramKeyRole
from core.text.faces.shared_cli_sentences import SERVE_HELP, SITE_ADDRESS_TAKEN
from webhook.request_body_reader import RequestBodyReader
from webhook.request_concurrency import RequestConcurrencyLimit
from webhook.request_origin import may_peer_connect
from webhook.site_application import create_site

NEEDING_RESTART = ("web.host", "web.port", "web.workers", "metrics.host", "metrics.serve_port")
FOLDER_VARIABLE = "RETROUVE_DIR"
REQUESTS_AT_ONCE = 2
"""Forms a worker: one computes while the other waits for the disk or the write lock. More threads compete for the interpreter
while one of them holds the database: 1,500 asks/s with 2, 1,360 with 4, 1,420 with 1 (measured on two cores). Passwords that
wait to be hashed come on top, and as many pages.
"""
READERS = 64
"""Threads a worker, of which all but those wait for a request's body or for their turn."""
log = structlog.get_logger()


@click.command(help=translate_for_terminal(SERVE_HELP))
@IN_FOLDER
def serve(directory: Path) -> None:
    """Serve the voters' site until SIGTERM; requests under way are answered first. SIGHUP reads the settings anew."""
    services = open_services_or_exit(directory, ProgramKeyRole.SERVE)
    services.close()  # a worker is a fork, and a connection cannot be used by two processes
    settings = services.settings
    logs.configure_logs(settings.log_level, process="serve")
    web = settings.web
    require_free_address(web.host, web.port, SITE_ADDRESS_TAKEN)
    os.environ[FOLDER_VARIABLE] = str(directory.resolve())
    server = GranianServer("cli.serve:application", web, _threads(settings), partial(_reread, directory, settings))
    with serve_worker_metrics(directory, settings.metrics):
        log.info(
            "serving",
            address=f"{web.host}:{web.port}",
            site=settings.election.site,
            version=version("retrouve"),
            workers=web.workers,
            database=settings.database_without_secrets(),
            pid=os.getpid(),
        )
        server.serve()


def _threads(settings: Settings) -> int:
    return READERS + settings.applied_policy().passwords_waiting


def _reread(directory: Path, before: Settings) -> int | None:
    """Return the threads of a worker by the settings as they are now. Log why they are refused, or what needs a restart."""
    services = reopen_services(directory, ProgramKeyRole.SERVE)
    if services is None:
        return None
    now = services.settings
    services.close()
    kept = [name for name in NEEDING_RESTART if attrgetter(name)(now) != attrgetter(name)(before)]
    log.info("settings-read-again", needs_restart=kept)
    return _threads(now)


def application() -> RequestBodyReader:
    """Return the application that each worker runs; a worker is a fork in which everything is loaded already."""
    services = open_services_or_exit(Path(os.environ[FOLDER_VARIABLE]), ProgramKeyRole.SERVE, measured=True)
    logs.configure_logs(services.settings.log_level, process="serve")
    threads = RequestConcurrencyLimit(
        computing=REQUESTS_AT_ONCE, waiting=services.dependencies.policy.passwords_waiting
    )
    app = create_site(with_password_queues(services, threads.release_turn_while_waiting))
    app.wsgi_app = threads.limit_concurrency(app.wsgi_app)  # type: ignore[method-assign, assignment]  # Flask's documented place for it
    web, sms = services.settings.web, services.settings.sms
    reader = RequestBodyReader(app, admitted=partial(may_peer_connect, web.trusted_proxies, sms.callback_networks))
    reader.start_ending_slow_bodies(web.port)
    signal.signal(LAST_ANSWERS, lambda *_: reader.close_connections_after_next_answer())
    gc.freeze()  # what is there now stays: looking through it again and again would take time from every request
    return reader

"""The command `retrouve courier`, which answers requests for links and sends messages."""

import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import click

from cli.metrics_server import require_own_metrics_address, serve_own_metrics
from cli.open_services import log_refused_reload, open_services_or_exit, reopen_services
from cli.stop_signal_handlers import STOP_SIGNALS, block_stop_signals, is_started_in_terminal, set_on_stop_signal
from cli.terminal_translation import IN_FOLDER, CommandRefused, translate_for_terminal
from core.adapters import logs
from core.adapters.sql.host_heartbeats import COURIER
from core.app.courier_assembly import courier_of, mail_transport_of, sms_transport_of
from core.app.election_folder import mail_composer_of
from core.app.services import Services
from core.delivery.courier import Courier
from core.ports import StoreUnavailable
from core.security.key_roles import ProgramKeyRole
from core.text.faces.shared_cli_sentences import COURIER_HELP

NICENESS = 10
"""Nice value of the courier. Web pages have priority over the courier."""
log = logging.getLogger("retrouve")


@click.command(help=translate_for_terminal(COURIER_HELP))
@IN_FOLDER
def courier(directory: Path) -> None:
    with suppress(PermissionError):  # a systemd unit that forbids this sets the priority itself
        os.nice(max(0, NICENESS - os.nice(0)))
    services = open_services_or_exit(directory, ProgramKeyRole.COURIER, measured=True)
    logs.configure_logs(services.settings.log_level, process="courier")
    serve_own_metrics(services)
    mails, texts = mail_transport_of(services), sms_transport_of(services)
    worker = courier_of(services, mails, texts, mail_composer_of(services))
    worker.leave_sign_of_life = services.readiness_of(COURIER).report
    ending = Event()
    set_on_stop_signal(ending, worker.stopping)
    if not is_started_in_terminal():
        _restart_on_sighup(directory, worker, services)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)  # blocked by the previous courier before `execv`
    log.info("carrying", extra={"database": services.settings.database_without_secrets(), "pid": os.getpid()})
    with suppress(StoreUnavailable):  # the loop retries
        services.budgets.raise_alarms()
    worker.run()
    if worker.followed and not ending.is_set():
        services.close()
        # Replace the process by a new courier. Signals stay blocked until the new courier handles them.
        block_stop_signals()
        if not ending.is_set():
            # With -P, no modules are imported from the current folder.
            os.execv(sys.executable, [sys.executable, "-P", "-m", "cli", *sys.argv[1:]])  # noqa: S606  # our own command


def _restart_on_sighup(directory: Path, worker: Courier, current: Services) -> None:
    """On SIGHUP, replace this courier with a new one if the new settings and keys are valid."""

    def follow() -> None:
        services = reopen_services(directory, ProgramKeyRole.COURIER)
        current.measures.record_reload(refused=services is None)
        if services is None:
            return
        services.close()
        try:
            # If the port is unchanged, this courier is still using it.
            if services.settings.metrics.courier_port != current.settings.metrics.courier_port:
                require_own_metrics_address(services.settings.metrics)
        except CommandRefused as refused:
            current.measures.record_reload(refused=True)
            log_refused_reload(refused.message)
        else:
            worker.followed = True
            worker.stopping.set()

    signal.signal(signal.SIGHUP, lambda *_: Thread(target=follow).start())

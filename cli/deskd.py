"""The command `retrouve deskd`, a daemon that serves the agents' terminals."""

import grp
import logging
import os
import signal
import sys
from pathlib import Path
from threading import Thread, Timer

import click

from cli.open_services import open_services_or_exit, reopen_services
from cli.program_version import program_version
from cli.stop_signal_handlers import is_started_in_terminal, set_on_stop_signal
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, translate_for_terminal
from core.adapters import logs
from core.app.services import Services
from core.remote_desk.calls import CallHandler
from core.remote_desk.daemon import AdmittedAccounts, DeskDaemon
from core.remote_desk.sockets import DESK_SOCKET, listen
from core.security.key_roles import ProgramKeyRole
from core.text.faces import desk_cli_sentences as words

CONNECTION_BACKLOG = 64
FORMER_SECONDS = 120.0
"""How long running requests may keep the old settings, in seconds."""
log = logging.getLogger("retrouve")


@click.command(help=translate_for_terminal(words.DAEMON_HELP))
@IN_FOLDER
@option("--socket", type=click.Path(path_type=Path), help=words.DAEMON_SOCKET_HELP)
@option("--group", metavar="GROUP", help=words.GROUP_HELP)
@click.option("--while-read", is_flag=True, hidden=True)
def deskd(directory: Path, socket: Path | None, group: str | None, *, while_read: bool) -> None:
    """Serve terminals until SIGTERM. With `while_read`, also stop when the standard input ends."""
    services = open_services_or_exit(directory, ProgramKeyRole.DESK)
    logs.configure_logs(services.settings.log_level, process="deskd")
    path, number = socket or directory / DESK_SOCKET, _group_number_of(group)
    try:
        listening = listen(path, group=number, waiting=CONNECTION_BACKLOG)
    except OSError as taken:
        detail = words.TAKEN if isinstance(taken, FileExistsError) else taken.strerror or ""
        raise CommandRefused(words.SOCKET_UNUSABLE, socket=str(path), detail=detail) from taken
    daemon = DeskDaemon(listening, CallHandler(services.desk, program_version()), AdmittedAccounts(number))
    set_on_stop_signal(daemon.stopping)
    if not is_started_in_terminal():
        opened = [services]
        signal.signal(signal.SIGHUP, lambda *_: Thread(target=_reload, args=(directory, daemon, opened)).start())
    if while_read:
        Thread(target=_stop_at_end_of_input, args=(daemon,), daemon=True).start()
    log.info(
        "desk-open",
        extra={"socket": str(path), "database": services.settings.database_without_secrets(), "pid": os.getpid()},
    )
    daemon.serve(path)


def _group_number_of(name: str | None) -> int | None:
    try:
        return None if name is None else grp.getgrnam(name).gr_gid
    except KeyError:
        raise CommandRefused(words.GROUP_UNKNOWN, group=name) from None


def _reload(directory: Path, daemon: DeskDaemon, opened: list[Services]) -> None:
    services = reopen_services(directory, ProgramKeyRole.DESK)
    if services is None:
        return
    daemon.calls = daemon.calls.with_reloaded_settings(services.desk)
    close = Timer(FORMER_SECONDS, opened.pop().close)
    close.daemon = True
    close.start()
    opened.append(services)
    log.info("settings-read-again")


def _stop_at_end_of_input(daemon: DeskDaemon) -> None:
    while sys.stdin.buffer.read(1):
        continue
    daemon.stopping.set()

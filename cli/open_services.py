"""Open an election's services for a command, or exit with the reason."""

import sys
from pathlib import Path

import click
import structlog

from cli.terminal_translation import say_error, translate_for_terminal
from core.adapters.key_vault import KeyFileRefused
from core.adapters.sql.database_check import DatabaseRefused
from core.adapters.sql.store import SqlStore
from core.app.election_folder import open_services
from core.app.services import Services
from core.app.settings import SettingsRefused
from core.ports import StoreUnavailable
from core.security.key_roles import ProgramKeyRole
from core.text.text import Text

GOES_ON = "with those read before"
log = structlog.get_logger()


def open_services_or_exit(directory: Path, role: ProgramKeyRole | None, *, measured: bool = False) -> Services:
    """Return the services, closed when the command ends; exit with status 2 when settings, keys or database are refused.

    They have the keys of that role; without one, the master keys.
    """
    services, refusal = _open(directory, role, measured=measured)
    if services is None:
        say_error(*refusal)
        sys.exit(2)
    command = click.get_current_context(silent=True)
    if command is not None:
        command.call_on_close(services.close)
    return services


def reopen_services(directory: Path, role: ProgramKeyRole) -> Services | None:
    """Return the services by the settings and keys as they are now, or None, with a line in the log, when they are refused."""
    try:
        services, refusal = _open(directory, role)
    except Exception:  # such as a file that may not be read: it must not end a program that runs
        log.exception("settings-refused", reasons=[], goes_on=GOES_ON)
        return None
    if services is None:
        log_refused_reload(*map(translate_for_terminal, refusal))
    return services


def _open(
    directory: Path, role: ProgramKeyRole | None, *, measured: bool = False
) -> tuple[Services | None, tuple[Text, ...]]:
    """Return the services, or why they are refused. A database that does not answer is checked when it does."""
    try:
        services = open_services(directory, role, measured=measured)
    except SettingsRefused as refused:
        return None, tuple(fault.sentence() for fault in refused.faults)
    except KeyFileRefused as refused:
        return None, (refused.reason,)
    try:
        if isinstance(services.dependencies.store, SqlStore):
            services.dependencies.store.check()
    except StoreUnavailable as refused:
        if isinstance(refused, DatabaseRefused) and refused.is_permanent:
            services.close()
            return None, (refused.reason,)
    except BaseException:
        services.close()
        raise
    return services, ()


def log_refused_reload(*reasons: str) -> None:
    """Log why settings that were read anew are not used."""
    log.error("settings-refused", reasons=list(reasons), goes_on=GOES_ON)

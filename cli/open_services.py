"""Open an election's services for a command, or exit with the reason."""

import sys
from pathlib import Path

import click
import structlog

from cli.terminal_translation import say_error, translate_for_terminal
from core.adapters.key_vault import KeyFileRefused
from core.adapters.sql.database_tables_and_keys_check import DatabaseRefused
from core.app.open_election_folder import open_services
from core.app.services import Services
from core.app.settings import SettingsRefused
from core.ports import StoreUnavailable
from core.security.roles_holding_keys import ProgramKeyRole
from core.text.text import Text

log = structlog.get_logger()


def open_services_or_exit(directory: Path, role: ProgramKeyRole | None, *, measured: bool = False) -> Services:
    """Return the services, closed when the command ends; exit with status 2 when settings or keys are refused.

    They have the keys of that role; without one, the master keys.
    """
    try:
        services = open_services(directory, role, measured=measured)
    except SettingsRefused as refused:
        say_error(*(fault.sentence() for fault in refused.faults))
    except KeyFileRefused as refused:
        say_error(refused.reason)
    else:
        command = click.get_current_context(silent=True)
        if command is not None:
            command.call_on_close(services.close)
        wrong = _why_database_is_wrong(services)
        if wrong is None:
            return services
        say_error(wrong)
    sys.exit(2)


def _why_database_is_wrong(services: Services) -> Text | None:
    """Tell that the database is of another version or of other keys. One that does not answer is checked when it does."""
    try:
        services.check_database_version_and_keys()
    except DatabaseRefused as refused:
        return refused.reason if refused.is_permanent else None
    except StoreUnavailable:
        return None
    return None


def reopen_services(directory: Path, role: ProgramKeyRole) -> Services | None:
    """Return the services by the settings and keys as they are now, or None, with a line in the log, when they are refused."""
    try:
        services = open_services(directory, role)
    except SettingsRefused as refused:
        reasons = [translate_for_terminal(fault.sentence()) for fault in refused.faults]
    except KeyFileRefused as refused:
        reasons = [translate_for_terminal(refused.reason)]
    else:
        wrong = _why_database_is_wrong(services)
        if wrong is None:
            return services
        services.close()
        reasons = [translate_for_terminal(wrong)]
    log_refused_reload(*reasons)
    return None


def log_refused_reload(*reasons: str) -> None:
    """Log why settings that were read anew are not used."""
    log.error("settings-refused", reasons=list(reasons), goes_on="with those read before")

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
        _require_right_database(services)
        return services
    sys.exit(2)


def _require_right_database(services: Services) -> None:
    """Exit when the database is of another version or of other keys. One that does not answer is checked when it does."""
    try:
        services.check_database_version_and_keys()
    except DatabaseRefused as refused:
        if refused.is_permanent:
            say_error(refused.reason)
            sys.exit(2)
    except StoreUnavailable:
        return


def reopen_services(directory: Path, role: ProgramKeyRole) -> Services | None:
    """Return the services by the settings and keys as they are now, or None, with a line in the log, when they are refused."""
    try:
        return open_services(directory, role)
    except SettingsRefused as refused:
        reasons = [translate_for_terminal(fault.sentence()) for fault in refused.faults]
    except KeyFileRefused as refused:
        reasons = [translate_for_terminal(refused.reason)]
    log.error("settings-refused", reasons=reasons, goes_on="with those read before")
    return None

"""Opens an election's services for a command."""

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.terminal_translation import say_error, translate_for_terminal
from core.adapters import logs
from core.adapters.key_vault import KeyFileRefused
from core.adapters.sql.database_check import DatabaseRefused
from core.adapters.sql.store import SqlStore
from core.app.election_folder import open_services
from core.app.services import Services
from core.app.settings import SettingsRefused
from core.ports import StoreUnavailable
from core.security.key_roles import ProgramKeyRole
from core.text.text import Text

IN_USE = "previous settings and keys"
log = logging.getLogger("retrouve")


def open_services_or_exit(directory: Path, role: ProgramKeyRole | None, *, measured: bool = False) -> Services:
    """Open the services. If `role` is None, use the master keys. Exit with status 2 on failure."""
    logs.configure_logs("warning", process="command")
    services, refusal = _open(directory, role, measured=measured)
    if services is None:
        say_error(*refusal)
        sys.exit(2)
    command = click.get_current_context(silent=True)
    if command is not None:
        command.call_on_close(services.close)
    return services


def reopen_services(directory: Path, role: ProgramKeyRole) -> Services | None:
    """Open the services again after a reload. On failure, log the reason and return None."""
    try:
        services, refusal = _open(directory, role)
    except Exception:  # such as an unreadable file: the running program must continue
        log.exception("settings-refused", extra={"reasons": [], "in_use": IN_USE})
        return None
    if services is None:
        log_refused_reload(*map(translate_for_terminal, refusal))
    return services


def _open(
    directory: Path, role: ProgramKeyRole | None, *, measured: bool = False
) -> tuple[Services | None, tuple[Text, ...]]:
    """Return the services, or None and the reasons why they cannot be opened."""
    try:
        services = open_services(directory, role, measured=measured)
    except SettingsRefused as refused:
        return None, tuple(fault.sentence() for fault in refused.faults)
    except KeyFileRefused as refused:
        return None, (refused.reason,)
    try:
        if isinstance(services.dependencies.store, SqlStore):
            services.dependencies.store.check()
            missing, now = services.dependencies.store.missing_key(), datetime.now(UTC)
            # The programs run without the newest key, and say so at /readyz. A command might judge rows that it cannot open.
            if missing is not None and role is ProgramKeyRole.OPERATOR and missing.is_in_use(now):
                services.close()
                return None, (missing.missing_sentence(now),)
    except StoreUnavailable as refused:
        if isinstance(refused, DatabaseRefused) and refused.is_permanent:
            services.close()
            return None, (refused.reason,)
    except BaseException:
        services.close()
        raise
    return services, ()


def log_refused_reload(*reasons: str) -> None:
    log.error("settings-refused", extra={"reasons": list(reasons), "in_use": IN_USE})

"""`retrouve desk`: the agents' terminal."""

import os
from collections.abc import Callable
from pathlib import Path

import click

from cli.open_services import IN_FOLDER, open_or_exit
from cli.terminal_language import terminal_language
from cli.terminal_text import terminal_text
from core.adapters import logs
from core.app.services import Services
from core.desk.authorisation import AgentSession
from core.security.key_roles import KeyRole
from core.text.faces.desk_words import HELP
from core.text.text import Text

LOG_FILE = "desk.log"
"""The log's file in the folder of the settings, because the terminal is drawn on the error stream."""


@click.command(help=terminal_text(HELP))
@IN_FOLDER
def desk(directory: Path) -> None:
    """Open the terminal until the agent quits."""
    open_terminal(open_or_exit(directory, KeyRole.DESK), directory / LOG_FILE)


def open_terminal(
    services: Services,
    log: Path,
    *,
    session: AgentSession | None = None,
    tips: tuple[Text, ...] = (),
    pictures: Callable[[], Text | None] = lambda: None,
    keep_running: Callable[[], bool] = lambda: True,
) -> None:
    """Open the terminal until the agent quits, or until a second after `keep_running` returns False."""
    from tui.app import DeskApp  # noqa: PLC0415  # loaded once the settings are known to be right
    from tui.session import TerminalSession  # noqa: PLC0415

    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    logs.configure_logs(services.settings.log_level, process="desk", descriptor=descriptor)
    DeskApp(TerminalSession(services, terminal_language(os.environ), session, tips, pictures), keep_running).run()

"""`retrouve desk`: the agents' terminal."""

import os
from collections.abc import Callable
from pathlib import Path

import click

from cli.house import IN_FOLDER, open_house
from cli.words import tell, terminal_language
from core.adapters import logs
from core.bootstrap import House
from core.service.desk.proofs import Duty
from core.text import Text
from core.words.desk import HELP

LOG_FILE = "desk.log"
"""Beside the settings: the error stream is where the terminal is drawn."""


@click.command(help=tell(HELP))
@IN_FOLDER
def desk(directory: Path) -> None:
    """Opens it, until the agent quits."""
    open_terminal(open_house(directory), directory / LOG_FILE)


def open_terminal(
    house: House,
    log: Path,
    *,
    duty: Duty | None = None,
    tips: tuple[Text, ...] = (),
    go_on: Callable[[], bool] = lambda: True,
) -> None:
    """The terminal over that house. It ends when the agent quits, or a second after `go_on` says no."""
    from tui.app import Desk  # noqa: PLC0415  # loaded once the settings are known to be right
    from tui.sitting import Sitting  # noqa: PLC0415

    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    logs.configure(house.settings.log_level, process="desk", descriptor=descriptor)
    Desk(Sitting(house, terminal_language(os.environ), duty, tips), go_on).run()

"""`retrouve desk`: the agents' terminal."""

import os
from pathlib import Path

import click

from cli.house import IN_FOLDER, open_house
from cli.words import tell, terminal_language
from core.words.desk import HELP


@click.command(help=tell(HELP))
@IN_FOLDER
def desk(directory: Path) -> None:
    """Opens it, until the agent quits."""
    house = open_house(directory)
    from tui.app import Desk  # noqa: PLC0415  # loaded once the settings are known to be right
    from tui.sitting import Sitting  # noqa: PLC0415

    Desk(Sitting(house, terminal_language(os.environ))).run()

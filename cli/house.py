"""Opens the house for a command, or says in clear words why it cannot."""

import sys
from pathlib import Path

import click

from cli.words import tell
from core import bootstrap
from core.adapters.keys import KeysRefused
from core.settings import SettingsRefused

IN_FOLDER = click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="RETROUVE_DIR",
    default=Path(),
    help="The folder made by `retrouve init`; without it, RETROUVE_DIR or the current one.",
)


def open_house(directory: Path, *, measured: bool = False) -> bootstrap.House:
    """The house in that folder, closed when the command ends; leaves with status 2 when its settings or keys are refused."""
    try:
        house = bootstrap.open_house(directory, measured=measured)
    except SettingsRefused as refused:
        for fault in refused.faults:
            click.echo(tell(fault.sentence()), err=True)
    except KeysRefused as refused:
        click.echo(tell(refused.reason), err=True)
    else:
        command = click.get_current_context(silent=True)
        if command is not None:
            command.call_on_close(house.close)
        return house
    sys.exit(2)

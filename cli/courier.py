"""`retrouve courier`: decides the asks and sends the messages."""

import os
from contextlib import suppress
from pathlib import Path

import click

from cli.figures import tell_own_figures
from cli.house import IN_FOLDER, open_house
from cli.stopping import set_when_stopped
from core.adapters import logs
from core.bootstrap import letters_of
from core.carriers import mails_of, texts_of

GIVES_WAY = 10
"""How much nicer than the site: a voter waits for a page, and a mail waits in the queue. A tenth of its share remains."""


@click.command()
@IN_FOLDER
def courier(directory: Path) -> None:
    """Send what waits, until SIGTERM; the messages in hand are finished first."""
    with suppress(PermissionError):  # a unit that forbids it gives the weights itself
        os.nice(GIVES_WAY)
    house = open_house(directory, measured=True)
    logs.configure(house.settings.log_level, process="courier")
    tell_own_figures(house)
    mails, texts = mails_of(house.settings), texts_of(house.settings, house.vault, house.clock)
    worker = house.courier(mails, texts, letters_of(house))
    set_when_stopped(worker.stopping)
    worker.run()

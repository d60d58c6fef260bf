"""`retrouve platform`: compares with the voting platform, and asks our own whether an identifier votes."""

import os
import sys
from pathlib import Path

import click

from cli.house import IN_FOLDER, open_house
from cli.words import tell
from core.answers import parse_address
from core.identifiers import clean_identifier
from core.platform import PlatformAway
from core.pseudonyms import OtherKey
from core.steps import Rejected
from core.words import platform as words

DIFFERS = 1


@click.group(help=tell(words.HELP))
def platform() -> None:
    """Holds the two commands."""


@platform.command(help=tell(words.RECONCILE_HELP))
@IN_FOLDER
def reconcile(directory: Path) -> None:
    """Leaves with status 1 when the two differ."""
    house = open_house(directory)
    try:
        found = house.reconciling.reconcile()
    except PlatformAway as away:
        click.echo(tell(words.AWAY.fill({"detail": str(away)})), err=True)
        sys.exit(os.EX_TEMPFAIL)
    except OtherKey:
        sys.exit(tell(words.OTHER_KEY))
    click.echo(tell(words.compared(found.compared)))
    for difference in found.differences:
        click.echo(tell(difference))
    if found.differences:
        click.echo(tell(words.differences(len(found.differences))))
        sys.exit(DIFFERS)
    click.echo(tell(words.AGREES))


@platform.command(help=tell(words.VERIFY_HELP))
@click.argument("address")
@IN_FOLDER
def verify(address: str, directory: Path) -> None:
    """The identifier never stands on the command line, where every account of the machine could read it."""
    house = open_house(directory)
    symbols = clean_identifier(sys.stdin.readline())
    if symbols is None:
        sys.exit(tell(words.NO_IDENTIFIER))
    try:
        votes = house.verify(parse_address(address, example=address).key, symbols)
    except Rejected:
        votes = False
    except OtherKey:
        sys.exit(tell(words.OTHER_KEY))
    if votes is None:
        sys.exit(tell(words.ELSEWHERE))
    click.echo(tell(words.VOTES if votes else words.DOES_NOT_VOTE))
    sys.exit(0 if votes else DIFFERS)

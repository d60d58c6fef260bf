"""`retrouve platform`: compare with the voting platform, and ask our own whether an identifier may vote."""

import os
import sys
from pathlib import Path

import click

from cli.open_services import IN_FOLDER, open_or_exit
from cli.terminal_translation import translate_for_terminal
from core.app.services import Services
from core.delivery.platform_reconciliation import ReconciliationResult
from core.forms.model import FieldRejected
from core.forms.parsers import parse_address
from core.ports.platform import PlatformAway
from core.security.pseudonyms import PseudonymKeyMismatch
from core.security.roles_holding_keys import ProgramKeyRole
from core.security.voting_identifiers import clean_identifier
from core.text.faces import platform_command_sentences as words

DIFFERS = 1


@click.group(help=translate_for_terminal(words.HELP))
def platform() -> None:
    """The commands about the voting platform."""


@platform.command(help=translate_for_terminal(words.RECONCILE_HELP))
@click.option("--apply", "apply", is_flag=True, help=translate_for_terminal(words.APPLY_HELP))
@IN_FOLDER
def reconcile(directory: Path, *, apply: bool) -> None:
    """Compare both sides, and repair what can be; the exit status is 1 when they differ."""
    services = open_or_exit(directory, ProgramKeyRole.OPERATOR)
    try:
        found = services.platform_comparison.reconcile()
    except PlatformAway as away:
        click.echo(translate_for_terminal(words.AWAY.fill({"detail": str(away)})), err=True)
        sys.exit(os.EX_TEMPFAIL)
    except PseudonymKeyMismatch:
        sys.exit(translate_for_terminal(words.OTHER_KEY))
    click.echo(translate_for_terminal(words.VOTERS_COMPARED.for_count(found.compared)))
    for difference in found.differences:
        click.echo(translate_for_terminal(difference))
    if found.differences:
        click.echo(translate_for_terminal(words.VOTERS_DIFFERING.for_count(len(found.differences))))
        _repair(services, found) if apply else click.echo(translate_for_terminal(words.NOT_APPLIED))
        sys.exit(DIFFERS)
    click.echo(translate_for_terminal(words.AGREES))


def _repair(services: Services, found: ReconciliationResult) -> None:
    calls = services.platform_repair.repair(found.differing)
    for call in calls:
        click.echo(translate_for_terminal(words.TO_CALL.fill({"voter": str(call.voter), "case": call.case})))
    click.echo(translate_for_terminal(words.PEOPLE_TO_CALL.for_count(len(calls))))
    click.echo(translate_for_terminal(words.RUN_AGAIN))


@platform.command(help=translate_for_terminal(words.VERIFY_HELP))
@click.argument("address")
@IN_FOLDER
def verify(address: str, directory: Path) -> None:
    """Check an identifier read from a prompt: on the command line every account of the machine could read it."""
    services = open_or_exit(directory, ProgramKeyRole.OPERATOR)
    symbols = clean_identifier(sys.stdin.readline())
    if symbols is None:
        sys.exit(translate_for_terminal(words.NO_IDENTIFIER))
    try:
        votes = services.is_identifier_in_force(parse_address(address, example=address).key, symbols)
    except FieldRejected:
        votes = False
    except PseudonymKeyMismatch:
        sys.exit(translate_for_terminal(words.OTHER_KEY))
    if votes is None:
        sys.exit(translate_for_terminal(words.ELSEWHERE))
    click.echo(translate_for_terminal(words.VOTES if votes else words.DOES_NOT_VOTE))
    sys.exit(0 if votes else DIFFERS)

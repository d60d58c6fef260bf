"""The command `retrouve platform`, which compares our voters with the voting platform."""

import os
import sys
from pathlib import Path

import click

from cli.open_services import open_services_or_exit
from cli.stop_signal_handlers import is_started_in_terminal
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, say, say_error, translate_for_terminal
from core.adapters.embedded_voting_platform import EmbeddedVotingPlatform
from core.app.services import Services
from core.forms.field_parsers import parse_address
from core.forms.flow_model import FieldRejected
from core.ports.voting_platform import PlatformUnreachable
from core.security.digests import RollImportedUnderOtherKey
from core.security.key_roles import ProgramKeyRole
from core.security.voting_identifiers import clean_identifier, parse_initial_verifier
from core.text.faces import platform_cli_sentences as words

EXIT_DIFFERENT = 1


@click.group(help=translate_for_terminal(words.HELP))
def platform() -> None:
    pass


@platform.command(help=translate_for_terminal(words.RECONCILE_HELP))
@option("--apply", "apply", is_flag=True, help=words.APPLY_HELP)
@IN_FOLDER
def reconcile(directory: Path, *, apply: bool) -> None:
    """Compare our voters with the voting platform. The exit status is 1 if they differ."""
    services = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    try:
        found = services.platform_comparison.compare_accounts()
    except PlatformUnreachable as away:
        say_error(words.AWAY, detail=str(away))
        sys.exit(os.EX_TEMPFAIL)
    except RollImportedUnderOtherKey:
        raise CommandRefused(words.OTHER_KEY) from None
    say(words.VOTERS_COMPARED.for_count(found.compared), *found.differences)
    if found.differences:
        say(words.VOTERS_DIFFERING.for_count(len(found.differences)))
        if not apply:
            say(words.NOT_APPLIED)
            sys.exit(EXIT_DIFFERENT)
        calls = services.platform_repair.repair(found.differing)
        for voter, case in calls:
            say(words.TO_CALL, voter=str(voter), case=case)
        say(words.PEOPLE_TO_CALL.for_count(len(calls)), words.RUN_AGAIN)
        sys.exit(EXIT_DIFFERENT)
    say(words.AGREES)


@platform.command(help=translate_for_terminal(words.VERIFY_HELP))
@click.argument("address")
@IN_FOLDER
def verify(address: str, directory: Path) -> None:
    services = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    asked = translate_for_terminal(words.IDENTIFIER)
    typed = click.prompt(asked, hide_input=True, err=True) if is_started_in_terminal() else sys.stdin.readline()
    symbols = clean_identifier(typed)
    if symbols is None:
        raise CommandRefused(words.NO_IDENTIFIER)
    try:
        votes = _is_identifier_in_force(services, parse_address(address, example=address).key, symbols)
    except FieldRejected:
        votes = False
    except RollImportedUnderOtherKey:
        raise CommandRefused(words.OTHER_KEY) from None
    if votes is None:
        raise CommandRefused(words.ELSEWHERE)
    say(words.VOTES if votes else words.DOES_NOT_VOTE)
    sys.exit(0 if votes else EXIT_DIFFERENT)


def _is_identifier_in_force(services: Services, address: str, symbols: str) -> bool | None:
    """Return whether the identifier is valid. Returns None if the platform is external.

    Raises RollImportedUnderOtherKey.
    """
    if not isinstance(services.platform, EmbeddedVotingPlatform):
        return None
    with services.dependencies.store.read() as transaction:
        voter = transaction.voters.by_address(address)
        if voter is None:
            return False
        written = transaction.voters.first_verifier(voter.id)
    first = None if written is None else parse_initial_verifier(written)
    pseudonym = services.platform_pseudonyms.platform_pseudonym(voter.pseudonym)
    return services.platform.is_in_force(pseudonym, symbols, services.platform_key, first)

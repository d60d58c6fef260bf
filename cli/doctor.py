"""`retrouve doctor`: can this election work? One line a check; the exit status is 1 when one of them is a fault."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.checks import Check, Verdict
from cli.checks.database import check_database, database_time
from cli.checks.folder import check_folder, check_keys, check_settings
from cli.checks.gateways import check_gateways
from cli.checks.journal import check_journal
from cli.checks.moments import check_calendar, check_clock, check_offset, check_zones
from cli.checks.networks import check_networks
from cli.checks.relays import check_relay
from cli.checks.roll import check_roll
from cli.checks.site import check_hosts, check_site
from cli.house import IN_FOLDER
from cli.words import tell
from core.settings import Settings
from core.words import doctor as words


@click.command(help=tell(words.HELP))
@IN_FOLDER
def doctor(directory: Path) -> None:
    """Prints each check as it is done."""
    verdicts: set[Verdict] = set()
    for check in examine(directory, datetime.now(UTC)):
        verdicts.add(check.verdict)
        click.echo(tell(check.sentence()))
    sys.exit(1 if Verdict.FAULT in verdicts else 0)


def examine(folder: Path, now: datetime) -> Iterator[Check]:
    """Every check; without settings, only those that need none. `now` is this machine's time."""
    yield check_folder(folder)
    yield check_keys(folder)
    yield from check_zones()
    settings, checks = check_settings(folder)
    yield from checks
    if settings is not None:
        yield from _examine_service(settings, folder, now)


def _examine_service(settings: Settings, folder: Path, now: datetime) -> Iterator[Check]:
    zone, offset = settings.election.zone, settings.clock_offset()
    yield check_database(settings.database_url)
    yield check_clock(now, database_time(settings.database_url), zone=zone)
    yield from check_offset(now, zone=zone, demo=settings.demo, offset=offset)
    yield check_calendar(settings.calendar(), now + offset)
    yield from check_roll(folder)
    yield from check_journal(settings, now + offset)
    yield from check_networks(settings)
    for relay in settings.mail.relays:
        yield check_relay(relay, hello=settings.mail.bounce_domain)
    yield from check_gateways(settings)
    yield check_site(settings)
    yield check_hosts(settings)

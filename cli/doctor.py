"""The command `retrouve doctor`, which checks an election."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.checks import DoctorCheckResult, DoctorCheckSeverity
from cli.checks.clocks import (
    check_clock,
    check_demo_clock_offset,
    check_hosts_clocks,
    check_phase,
)
from cli.checks.couriers import check_couriers_and_queue
from cli.checks.database import (
    check_database,
    check_database_keys,
    check_roll_pseudonyms,
    check_row_tags,
    check_standbys,
    check_unsealed_lines_and_board_address,
    check_writable_servers,
    database_time,
)
from cli.checks.disks import check_disk_space_and_damage
from cli.checks.election_folder import (
    check_folder,
    check_https,
    check_identifier_protection,
    check_legal_settings,
    check_program_keys,
    check_settings,
    check_site_host_allowed,
)
from cli.checks.network_services import (
    ask_what_site_sees,
    check_client_address_seen,
    check_gateways,
    check_relay,
    check_reloads,
    check_shared_limits,
    check_slow_visitors,
)
from cli.checks.program_accounts import check_program_accounts
from cli.terminal_translation import IN_FOLDER, option, say, translate_for_terminal
from cli.trial_sms import send_test_sms
from core.app.health import doctor_sentences as words


@click.command(help=translate_for_terminal(words.HELP))
@option("--sms", "number", metavar="+33…", help=words.SMS_HELP)
@option("--gateway", metavar="NAME", help=words.GATEWAY_HELP)
@IN_FOLDER
def doctor(directory: Path, number: str | None, gateway: str | None) -> None:
    if number is not None:
        sys.exit(0 if send_test_sms(directory, number, gateway) else 1)
    verdicts: set[DoctorCheckSeverity] = set()
    for check in run_checks(directory, datetime.now(UTC)):
        verdicts.add(check.verdict)
        say(check.sentence())
    sys.exit(1 if DoctorCheckSeverity.FAULT in verdicts else 0)


def run_checks(folder: Path, now: datetime) -> Iterator[DoctorCheckResult]:
    """Yield the result of each check. If the settings are invalid, skip the checks that need them."""
    yield check_folder(folder)
    yield check_program_keys(folder)
    settings, checks = check_settings(folder)
    yield from checks
    if settings is None:
        return
    yield from check_program_accounts(settings, folder)
    yield from check_reloads(settings)
    zone, offset = settings.election.zone, settings.clock_offset()
    yield check_database(settings.database_url)
    yield from check_standbys(settings.database_url)
    yield from check_writable_servers(settings.database_url)
    yield from check_disk_space_and_damage(settings, folder)
    keys = list(check_database_keys(settings, folder))
    yield from keys
    server_time = database_time(settings.database_url)
    yield check_clock(now, server_time, zone=zone)
    yield from check_hosts_clocks(settings, server_time or now)
    yield from check_demo_clock_offset(now, zone=zone, demo=settings.demo, offset=offset)
    yield check_phase(settings.calendar(), now + offset)
    yield check_identifier_protection(settings.applied_policy())
    yield from check_legal_settings(settings)
    # With the wrong keys, every voter and row would seem to be wrong.
    if all(check.verdict is DoctorCheckSeverity.OK for check in keys):
        yield from check_roll_pseudonyms(folder)
        yield from check_row_tags(folder)
    yield from check_couriers_and_queue(settings, server_time or now)
    yield from check_unsealed_lines_and_board_address(settings, now + offset)
    yield from check_shared_limits(settings)
    for relay in settings.mail.relays:
        yield check_relay(relay, hello=settings.mail.bounce_domain)
    yield from check_gateways(settings)
    yield check_https(settings)
    yield check_site_host_allowed(settings)
    yield from check_slow_visitors(settings)
    yield from check_client_address_seen(settings, folder, now + offset, ask_what_site_sees)

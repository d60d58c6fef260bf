"""The command `retrouve agent`, which manages helpdesk accounts."""

import io
from contextlib import suppress
from pathlib import Path

import click
import pyotp
import segno

from cli.open_services import open_services_or_exit
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, say, translate_for_terminal
from core.desk.accounts import AgentAccounts, NewAgentCredentials
from core.forms.field_parsers import parse_agent_name
from core.forms.flow_model import FieldRejected
from core.policy.calendar import Calendar
from core.ports import Agent, AgentRole, StoreUnavailable
from core.security.key_roles import ProgramKeyRole
from core.text.faces import agent_cli_sentences as words
from core.text.text import Moment, Text

QUIET_MODULES = 2
"""Margin around the QR code, in squares. The standard requires four."""


def _parse_name(context: click.Context, argument: click.Parameter, typed: str) -> str:
    try:
        return parse_agent_name({"name": typed}, "name")
    except FieldRejected as rejected:
        raise click.BadParameter(translate_for_terminal(rejected.reason), context, argument) from None


NAME = click.argument("name", metavar="NAME", callback=_parse_name)
ROLE = click.Choice([role.value for role in AgentRole])


@click.group(help=translate_for_terminal(words.HELP))
def agent() -> None:
    pass


@agent.command(help=translate_for_terminal(words.ADD_HELP))
@NAME
@option("--role", type=ROLE, default=AgentRole.AGENT.value, show_default=True, help=words.ROLE_HELP)
@IN_FOLDER
def add(name: str, role: str, directory: Path) -> None:
    created = open_services_or_exit(directory, ProgramKeyRole.OPERATOR).desk.accounts.add(name, AgentRole(role))
    if created is None:
        raise CommandRefused(words.TAKEN, name=name)
    _print_credentials(words.ADDED, created, directory)


@agent.command(help=translate_for_terminal(words.RESET_HELP))
@NAME
@option("--role", type=ROLE, help=words.ROLE_HELP)
@IN_FOLDER
def reset(name: str, role: str | None, directory: Path) -> None:
    accounts = open_services_or_exit(directory, ProgramKeyRole.OPERATOR).desk.accounts
    created = accounts.reset_credentials(name, None if role is None else AgentRole(role))
    if created is None:
        raise CommandRefused(words.UNKNOWN, name=name)
    _print_credentials(words.RENEWED, created, directory)
    _warn_if_no_supervisor(accounts)


@agent.command(help=translate_for_terminal(words.REMOVE_HELP))
@NAME
@IN_FOLDER
def remove(name: str, directory: Path) -> None:
    accounts = open_services_or_exit(directory, ProgramKeyRole.OPERATOR).desk.accounts
    if not accounts.remove(name):
        raise CommandRefused(words.UNKNOWN, name=name)
    say(words.REMOVED, name=name)
    _warn_if_no_supervisor(accounts)


@agent.command("list", help=translate_for_terminal(words.LIST_HELP))
@IN_FOLDER
def list_(directory: Path) -> None:
    services = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    lines = [_line(each, services.dependencies.calendar) for each in services.desk.accounts.list_all()]
    say(*lines or (words.NOBODY,))
    if lines:
        _warn_if_no_supervisor(services.desk.accounts)


def _warn_if_no_supervisor(accounts: AgentAccounts) -> None:
    """Print a warning if the helpdesk has no supervisor. Database errors are ignored."""
    with suppress(StoreUnavailable):
        if not any(each.role is AgentRole.SUPERVISOR and each.removed is None for each in accounts.list_all()):
            say(words.NO_SUPERVISOR)


def _line(each: Agent, calendar: Calendar) -> Text:
    facts = {"name": each.name, "role": words.ROLES[each.role], "added": Moment(calendar.to_local(each.added))}
    if each.removed is not None:
        return words.LINE_OF_REMOVED.fill({**facts, "removed": Moment(calendar.to_local(each.removed))})
    return (words.LINE_OF_FIRST if each.first else words.LINE).fill(facts)


def _print_credentials(done: Text, created: NewAgentCredentials, folder: Path) -> None:
    secret, drawn = pyotp.parse_uri(created.secret_uri).secret, io.StringIO()
    facts = {
        "name": created.name,
        "role": words.ROLES[created.role],
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "password": created.first_password,
        "folder": str(folder),
    }
    say(done, words.SCAN, **facts)
    segno.make_qr(created.secret_uri, error="l").terminal(drawn, border=QUIET_MODULES, compact=True)
    for line in drawn.getvalue().splitlines():
        # Cameras need dark modules on a light background.
        click.secho(line, fg="bright_white", bg="black")
    say(words.OR_TYPE, words.FIRST_PASSWORD, words.THEN, words.NOT_AGAIN, **facts)

"""`retrouve agent`: who may come to the desk."""

import io
import sys
from pathlib import Path

import click
import pyotp
import segno

from cli.house import IN_FOLDER, open_house
from cli.words import tell
from core.answers import parse_agent_name
from core.ports import Agent, Role
from core.service.desk.roster import Credentials
from core.steps import Rejected
from core.text import Moment, Text
from core.words import agents as words

ROLES: dict[Role, Text] = {Role.AGENT: words.AGENT, Role.SUPERVISOR: words.SUPERVISOR, Role.AUDITOR: words.AUDITOR}
QUIET_MODULES = 2
"""Around the code; cameras want some, and a terminal has no room for the four of ISO/IEC 18004."""


class AgentName(click.ParamType[str]):
    """A name as the desk reads it."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """In lower case, or a sentence that says what a name is made of."""
        try:
            return parse_agent_name({self.name: value}, self.name)
        except Rejected as rejected:
            self.fail(tell(rejected.reason), param, ctx)


NAMED = click.argument("name", metavar="NAME", type=AgentName())
ROLE = click.Choice([role.value for role in Role])


@click.group(help=tell(words.HELP))
def agent() -> None:
    """The commands about the agents."""


@agent.command(help=tell(words.ADD_HELP))
@NAMED
@click.option("--role", type=ROLE, default=Role.AGENT.value, show_default=True, help=tell(words.ROLE_HELP))
@IN_FOLDER
def add(name: str, role: str, directory: Path) -> None:
    """Creates an account."""
    made = open_house(directory).desk.roster.add(name, Role(role))
    if made is None:
        _refuse(words.TAKEN.fill({"name": name}))
    else:
        _hand_over(words.ADDED, made, directory)


@agent.command(help=tell(words.RESET_HELP))
@NAMED
@click.option("--role", type=ROLE, help=tell(words.ROLE_HELP))
@IN_FOLDER
def reset(name: str, role: str | None, directory: Path) -> None:
    """Gives a fresh start."""
    made = open_house(directory).desk.roster.renew(name, None if role is None else Role(role))
    if made is None:
        _refuse(words.UNKNOWN.fill({"name": name}))
    else:
        _hand_over(words.RENEWED, made, directory)


@agent.command(help=tell(words.REMOVE_HELP))
@NAMED
@IN_FOLDER
def remove(name: str, directory: Path) -> None:
    """Ends an account."""
    if not open_house(directory).desk.roster.remove(name):
        _refuse(words.UNKNOWN.fill({"name": name}))
    click.echo(tell(words.REMOVED.fill({"name": name})))


@agent.command("list", help=tell(words.LIST_HELP))
@IN_FOLDER
def list_(directory: Path) -> None:
    """Shows them, by name."""
    found = open_house(directory).desk.roster.everyone()
    for each in found:
        click.echo(tell(_line(each)))
    if not found:
        click.echo(tell(words.NOBODY))


def _line(each: Agent) -> Text:
    facts = {"name": each.name, "role": ROLES[each.role], "added": Moment(each.added.astimezone())}
    if each.removed is not None:
        return words.LINE_OF_REMOVED.fill({**facts, "removed": Moment(each.removed.astimezone())})
    return (words.LINE_OF_FIRST if each.first else words.LINE).fill(facts)


def _hand_over(done: Text, made: Credentials, folder: Path) -> None:
    """Shows, this once, what the operator gives to the agent."""
    facts = {
        "name": made.name,
        "role": ROLES[made.role],
        "secret": _in_groups(made.secret_uri),
        "password": made.first_password,
        "folder": str(folder),
    }
    click.echo(tell(done.fill(facts)))
    click.echo(tell(words.SCAN.fill(facts)))
    for line in _square(made.secret_uri).splitlines():
        # Cameras want it dark on light, whatever the terminal's colours.
        click.secho(line, fg="bright_white", bg="black")
    for sentence in (words.OR_TYPE, words.FIRST_PASSWORD, words.THEN, words.NOT_AGAIN):
        click.echo(tell(sentence.fill(facts)))


def _square(uri: str) -> str:
    drawn = io.StringIO()
    segno.make_qr(uri, error="l").terminal(drawn, border=QUIET_MODULES, compact=True)
    return drawn.getvalue()


def _in_groups(uri: str) -> str:
    secret = pyotp.parse_uri(uri).secret
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _refuse(sentence: Text) -> None:
    click.echo(tell(sentence), err=True)
    sys.exit(1)

"""`retrouve demo`: only writes settings, then starts the same `serve` and `courier` as a real installation."""

import json
import shlex
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from threading import Event as Signal
from zoneinfo import ZoneInfo

import click

from cli.demo_desk import at_a_terminal, open_demo_desk
from cli.demo_folder import LOG_FOLDER, MAILBOX_FILE, first_voter, is_demo, make_demo
from cli.demo_processes import (
    SECONDS_TO_START,
    LiveLog,
    NotReady,
    Running,
    StoppedByItself,
    all_running,
    check,
    do_apart,
    free_port,
    port_free,
    running,
    wait_until_ready,
)
from cli.demo_sms import sms_way
from cli.guides import build_guides, pictures_beside
from cli.init import NotMade
from cli.stopping import leave_with_the_terminal, set_when_stopped
from cli.words import tell
from core import bootstrap
from core.bootstrap import House
from core.policy import Phase
from core.text import Moment
from core.words import demo_run as words

PARIS = ZoneInfo("Europe/Paris")
WATCH_SECONDS = 0.2
DeskOpener = Callable[[Callable[[], bool]], None]


@click.command(help=tell(words.HELP))
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), default=Path("retrouve-demo"), help=tell(words.DIRECTORY_HELP)
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=tell(words.PORT_HELP))
@click.option("--headless", is_flag=True, help=tell(words.HEADLESS_HELP))
@click.option("--no-throttle", is_flag=True, help=tell(words.NO_THROTTLE_HELP))
@click.option(
    "--voters", type=click.IntRange(1, 2_000_000), default=1000, show_default=True, help=tell(words.VOTERS_HELP)
)
@click.option("--now", "now_text", metavar="ISO", help=tell(words.NOW_HELP))
@click.option("--kannel", is_flag=True, help=tell(words.KANNEL_HELP))
def demo(
    folder: Path, port: int, voters: int, now_text: str | None, *, headless: bool, no_throttle: bool, kannel: bool
) -> None:
    """Prepares the folder at the first start, then runs until Ctrl+C or SIGTERM."""
    stopping = Signal()
    set_when_stopped(stopping)
    if not port_free(port):
        sys.exit(tell(words.PORT_TAKEN.fill({"port": str(port), "other": str(free_port())})))
    offset = _offset(now_text)
    _prepare(folder, voters, datetime.now(PARIS) + offset)
    site = f"http://127.0.0.1:{port}"
    variables, commands = _variables(site, port, offset, no_throttle=no_throttle), _commands(folder)
    mail_port = json.loads(variables["RETROUVE_MAIL__RELAYS"])[0]["port"]
    commands["mailbox"] += ["--port", str(mail_port)]
    sms = sms_way(folder, site, kannel=kannel)
    variables, commands = variables | sms.variables, {"telephone": sms.command} | commands
    with ExitStack() as parts:
        parts.enter_context(sms.boxes())
        started = parts.enter_context(running(commands, variables, folder / LOG_FOLDER))
        do_apart(partial(_write_help, folder, site), stopping.is_set)
        desk = None if headless or not at_a_terminal() else partial(open_demo_desk, folder, variables)
        if desk is not None:
            leave_with_the_terminal(parts)
        _watch(site, started, folder, stopping, headless=headless, desk=desk)


def _offset(now_text: str | None) -> timedelta:
    if now_text is None:
        return timedelta()
    try:
        now = datetime.fromisoformat(now_text)
    except ValueError:
        sys.exit(tell(words.NOT_A_MOMENT.fill({"value": now_text})))
    aware = now.replace(tzinfo=PARIS) if now.tzinfo is None else now
    return timedelta(seconds=round((aware - datetime.now(PARIS)).total_seconds()))


def _prepare(folder: Path, voters: int, now: datetime) -> None:
    if is_demo(folder):
        return
    if folder.exists() and any(folder.iterdir()):
        sys.exit(tell(words.NOT_A_DEMO.fill({"folder": str(folder)})))
    click.echo(tell(words.PREPARING.fill({"voters": voters, "folder": str(folder)})), err=True)
    try:
        make_demo(folder, voters, now)
    except NotMade as refused:
        sys.exit("\n".join(tell(sentence.fill({"folder": str(folder)})) for sentence in refused.sentences))


def _variables(site: str, port: int, offset: timedelta, *, no_throttle: bool) -> dict[str, str]:
    relay = {"host": "127.0.0.1", "port": free_port(), "tls": "none"}
    return {
        "RETROUVE_ELECTION__SITE": site,
        "RETROUVE_WEB__PORT": str(port),
        "RETROUVE_MAIL__RELAYS": json.dumps([relay]),
        "RETROUVE_CLOCK_OFFSET_SECONDS": str(int(offset.total_seconds())),
        "RETROUVE_THROTTLE_NETWORKS": json.dumps(not no_throttle),
    }


def _commands(folder: Path) -> dict[str, list[str]]:
    here = ["--dir", str(folder)]
    return {
        "mailbox": ["mailbox", "--file", str(folder / MAILBOX_FILE)],
        "courier": ["courier", *here],
        "serve": ["serve", *here],
    }


def _write_help(folder: Path, site: str) -> None:
    """While the site starts. It names this start's address; without what builds it, the demo goes on without help.

    Pictures take a minute: whoever wants them asks for them, and finds them again at the next start.
    """
    if find_spec("mkdocs") is None:
        return
    house = bootstrap.open_house(folder)
    named = replace(house, tools=replace(house.tools, election=replace(house.election, site=site)))
    pictures = pictures_beside(house.settings.guides_folder)
    build_guides(named, house.settings.guides_folder, pictures if _are_of(named, pictures) else None)
    house.close()


def _are_of(house: House, pictures: Path) -> bool:
    if not pictures.exists():
        return False
    from cli.pictures import are_up_to_date  # noqa: PLC0415  # what takes them is loaded for nothing where there are none

    return are_up_to_date(house, pictures)


def _watch(
    site: str, started: list[Running], folder: Path, stopping: Signal, *, headless: bool, desk: DeskOpener | None
) -> None:
    logs = folder / LOG_FOLDER
    try:
        wait_until_ready(site, started, stopping.is_set)
        if stopping.is_set():
            return
        click.echo(f"ready {site}")
        if not headless:
            _tell_what_to_try(site, folder)
        if desk is None:
            _follow(started, stopping, headless=headless)
        else:
            desk(lambda: not stopping.is_set() and all_running(started))
            check(started)
    except StoppedByItself as stopped:
        sys.exit(
            tell(words.STOPPED_BY_ITSELF.fill({"process": stopped.name, "log": str(logs / f"{stopped.name}.log")}))
        )
    except NotReady:
        sys.exit(tell(words.NOT_READY.fill({"seconds": SECONDS_TO_START, "logs": str(logs)})))


def _tell_what_to_try(site: str, folder: Path) -> None:
    house = bootstrap.open_house(folder)
    facts = {"site": site, "address": first_voter(folder)}
    for sentence in words.TRY_FIRST:
        click.echo(tell(sentence.fill(facts)))
    if not any(house.settings.guides_folder.rglob("*.webp")):
        named = "" if site == house.election.site else f"RETROUVE_ELECTION__SITE={site} "
        command = f"{named}retrouve guides build --dir {shlex.quote(str(folder))}"
        click.echo(tell(words.ILLUSTRATE.fill({"command": command})))
    click.echo(tell(words.TO_STOP.fill({"logs": str(folder / LOG_FOLDER)})))
    calendar, now = house.calendar, datetime.now(PARIS)
    if calendar.phase(now) is Phase.CLOSED:
        closed = Moment(calendar.local(calendar.vote_closes))
        click.echo(tell(words.OVER.fill({"closed_at": closed, "folder": str(folder)})))


def _follow(started: list[Running], stopping: Signal, *, headless: bool) -> None:
    with closing(LiveLog(started)) as live:
        while not stopping.is_set():
            check(started)
            for line in live.lines():
                if not headless:
                    click.echo(line)
            time.sleep(WATCH_SECONDS)

"""The command `retrouve demo`, which creates and runs a fictional election."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event as Signal
from zoneinfo import ZoneInfo

import click

from cli.free_address_check import require_free_address
from cli.make_demo import make_demo
from cli.open_terminal import open_terminal
from cli.program_version import program_version
from cli.stop_signal_handlers import exit_when_terminal_closes, set_on_stop_signal
from cli.terminal_language import terminal_language
from cli.terminal_translation import CommandRefused, option, say, say_error, translate_for_terminal
from core.adapters.sql.database_check import DatabaseRefused
from core.adapters.sql.store import SqlStore
from core.app.election_folder import open_services
from core.app.services import Services
from core.app.settings import FIFTY_YEARS, SettingsRefused
from core.app.settings.values import FIRST_YEAR
from core.policy.calendar import ElectionPhase
from core.ports import StoreUnavailable
from core.remote_desk.client import RemoteDesk
from core.remote_desk.sockets import DESK_SOCKET
from core.security.key_roles import ProgramKeyRole
from core.text.faces import demo_cli_sentences as words
from core.text.text import Language, Moment
from core.text.translation import NO_BREAK_SPACE
from demo import DemoRefused, agents
from demo.folder import (
    LOG_FOLDER,
    first_voter,
    is_demo_folder,
    locked_demo_folder,
    require_no_other_files,
)
from demo.help import DemoHelp, services_at
from demo.processes import (
    HERE,
    RunningCommand,
    ask_to_stop,
    free_port,
    require_running,
    run_commands,
    start_mailbox_and_telephones,
    wait_until_ready,
)

PARIS = ZoneInfo("Europe/Paris")
PROGRAMS = ("courier", "serve", "deskd")
AGENT = "camille"
WATCH_SECONDS = 0.2
LOOK_SECONDS = 0.05


@click.command(help=translate_for_terminal(words.HELP))
@option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("retrouve-demo"),
    help=words.DIRECTORY_HELP,
)
@option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=words.PORT_HELP)
@option("--headless", is_flag=True, help=words.HEADLESS_HELP)
@option("--no-throttle", is_flag=True, help=words.NO_THROTTLE_HELP)
@option("--voters", type=click.IntRange(1, 2_000_000), default=1000, show_default=True, help=words.VOTERS_HELP)
@option("--now", "now_text", metavar="ISO", help=words.NOW_HELP)
@option("--no-pictures", is_flag=True, help=words.NO_PICTURES_HELP)
def demo(
    folder: Path,
    port: int,
    voters: int,
    now_text: str | None,
    *,
    headless: bool,
    no_throttle: bool,
    no_pictures: bool,
) -> None:
    stopping = Signal()
    set_on_stop_signal(stopping)
    offset = _offset(now_text)
    with _refusing(), ExitStack() as parts:
        # Take the lock first. A demo that is stopping still uses the port, and the folder of a new demo is incomplete.
        parts.enter_context(locked_demo_folder(folder))
        require_free_address(HERE, port, words.PORT_TAKEN.fill({"other": str(free_port())}))
        if not is_demo_folder(folder):
            require_no_other_files(folder)
            say_error(words.PREPARING, voters=voters, folder=str(folder))
            make_demo(folder, voters, datetime.now(PARIS) + offset)
        _require_this_version(folder)
        site = f"http://{HERE}:{port}"
        variables = {
            "RETROUVE_ELECTION__SITE": site,
            "RETROUVE_WEB__PORT": str(port),
            "RETROUVE_CLOCK_OFFSET_SECONDS": str(int(offset.total_seconds())),
            "RETROUVE_THROTTLE_NETWORKS": json.dumps(not no_throttle),
            **start_mailbox_and_telephones(folder, site, offset),
        }
        started = parts.enter_context(run_commands(PROGRAMS, folder, variables, folder / LOG_FOLDER))
        help_ = DemoHelp(folder, site, terminal_language(os.environ), None if no_pictures else _update_pictures)
        parts.enter_context(help_.run(stopping.is_set))
        parts.callback(ask_to_stop, started)  # the programs stop at the same time as the help
        has_desk = not headless and all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
        if has_desk:
            exit_when_terminal_closes(parts)
        _watch(help_, started, stopping, offset, headless=headless, has_desk=has_desk)


def _update_pictures(services: Services, folder: Path, first: Language, published: Callable[[], None]) -> None:
    from cli.update_pictures import update_pictures  # noqa: PLC0415  # a demo may lack Playwright

    update_pictures(services, folder, first, published)


def _require_this_version(folder: Path) -> None:
    """Raise DemoRefused if this version cannot use the demo's folder."""
    try:
        with closing(open_services(folder, ProgramKeyRole.OPERATOR)) as services:
            if isinstance(services.dependencies.store, SqlStore):
                services.dependencies.store.check()
    except (SettingsRefused, DatabaseRefused) as refused:
        raise DemoRefused(words.OTHER_VERSION, folder=str(folder)) from refused


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except DemoRefused as refused:
        raise CommandRefused(refused.sentence) from refused


def _offset(now_text: str | None) -> timedelta:
    if now_text is None:
        return timedelta()
    try:
        now = datetime.fromisoformat(now_text)
        aware = now.replace(tzinfo=PARIS) if now.tzinfo is None else now
        seconds = round((aware - datetime.now(PARIS)).total_seconds())
    except (ValueError, OverflowError):
        raise CommandRefused(words.NOT_A_MOMENT, value=now_text) from None
    if now.year <= FIRST_YEAR or abs(seconds) > FIFTY_YEARS:
        raise CommandRefused(words.NOT_A_MOMENT, value=now_text)
    return timedelta(seconds=seconds)


def _watch(
    help_: DemoHelp,
    started: list[RunningCommand],
    stopping: Signal,
    offset: timedelta,
    *,
    headless: bool,
    has_desk: bool,
) -> None:
    wait_until_ready(help_.site, started, stopping.is_set)
    if stopping.is_set():
        return
    click.echo(f"ready {help_.site}")
    if not headless:
        _print_what_to_try(help_, datetime.now(PARIS) + offset)
    if has_desk:
        _open_desk(help_, lambda: not stopping.is_set() and all(each.process.poll() is None for each in started))
        require_running(started)
        return
    while not stopping.wait(WATCH_SECONDS):
        require_running(started)


def _print_what_to_try(help_: DemoHelp, now: datetime) -> None:
    site, folder = help_.site, help_.folder
    services = open_services(folder, ProgramKeyRole.OPERATOR)
    say(*words.TRY_FIRST, site=site, address=first_voter(folder)["email"])
    progress = help_.missing_pictures_sentence()
    if progress is not None:
        click.echo(f"  {translate_for_terminal(progress)}")
    say(words.TO_STOP, logs=str(folder / LOG_FOLDER))
    calendar = services.dependencies.calendar
    if calendar.phase(now) is ElectionPhase.CLOSED:
        say(words.OVER, closed_at=Moment(calendar.to_local(calendar.vote_closes)), folder=str(folder))


def _open_desk(help_: DemoHelp, keep_running: Callable[[], bool]) -> None:
    folder = help_.folder
    desk = _reach(folder / DESK_SOCKET, keep_running)
    if desk is None:
        return
    agent = next(agent for agent in agents.read(folder) if agent.name == AGENT)
    # No-break spaces keep the password on one line.
    password, voter = agent.password.replace(" ", NO_BREAK_SPACE), first_voter(folder)
    name = f"{voter['first_name']} {voter['last_name']}"
    facts = {"site": desk.election.site, "name": name, "password": password}
    with services_at(folder, help_.site) as services:
        open_terminal(
            desk,
            session=agents.sign_in_demo_agent(desk, agent),
            tips=tuple(tip.fill(facts) for tip in words.TRY_AT_DESK),
            missing_pictures_notice=partial(help_.picture_count_sentence, services),
            keep_running=keep_running,
            case_sheet_folder=Path.home(),
        )


def _reach(socket: Path, keep_running: Callable[[], bool]) -> RemoteDesk | None:
    while keep_running():
        try:
            return RemoteDesk(socket, program_version())
        except StoreUnavailable:
            time.sleep(LOOK_SECONDS)
    return None

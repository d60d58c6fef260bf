"""`retrouve demo`: write settings, then start the same `serve` and `courier` as a real installation, and open the desk."""

import json
import sys
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event as Signal
from zoneinfo import ZoneInfo

import click

from cli.demo_desk import open_demo_desk
from cli.demo_folder import (
    LOG_FOLDER,
    MAILBOX_FILE,
    SMS_SECRET_FILE,
    TELEPHONE_FILE,
    first_voter,
    is_demo_folder,
    locked_demo_folder,
    make_demo,
    require_no_other_files,
)
from cli.demo_help_builder import DemoHelpBuilder
from cli.demo_processes import (
    RunningCommand,
    free_port,
    require_running,
    run_commands,
    wait_until_ready,
)
from cli.free_address_check import require_free_address
from cli.stop_signal_handlers import exit_when_terminal_closes, set_on_stop_signal
from cli.terminal_translation import CommandRefused, option, say, say_error, translate_for_terminal
from core.app.open_election_folder import open_services
from core.election.urls import sms_answer_url
from core.policy.calendar import ElectionPhase
from core.security.roles_holding_keys import ProgramKeyRole
from core.settings import FIFTY_YEARS
from core.settings.values import FIRST_YEAR
from core.text.faces import demo_cli_sentences as words
from core.text.text import Moment
from demo.telephone.http_gateway import SENDSMS

PARIS = ZoneInfo("Europe/Paris")
WATCH_SECONDS = 0.2
SMS_USER = "retrouve"


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
    """Prepare the folder at the first start, then run until Ctrl+C or SIGTERM."""
    stopping = Signal()
    set_on_stop_signal(stopping)
    offset = _offset(now_text)
    with ExitStack() as parts:
        # First: one that is ending holds the port, and one that begins has half a folder.
        parts.enter_context(locked_demo_folder(folder))
        require_free_address("127.0.0.1", port, words.PORT_TAKEN.fill({"other": str(free_port())}))
        if not is_demo_folder(folder):
            require_no_other_files(folder)
            say_error(words.PREPARING, voters=voters, folder=str(folder))
            make_demo(folder, voters, datetime.now(PARIS) + offset)
        site, mail_port, here = f"http://127.0.0.1:{port}", free_port(), ["--dir", str(folder)]
        sms_port = free_port()
        variables = {
            "RETROUVE_ELECTION__SITE": site,
            "RETROUVE_WEB__PORT": str(port),
            "RETROUVE_MAIL__RELAYS": json.dumps([{"host": "127.0.0.1", "port": mail_port, "tls": "none"}]),
            "RETROUVE_CLOCK_OFFSET_SECONDS": str(int(offset.total_seconds())),
            "RETROUVE_THROTTLE_NETWORKS": json.dumps(not no_throttle),
            "RETROUVE_SMS__GATEWAYS": json.dumps([_gateway(sms_port)]),
        }
        commands = {
            "telephone": _telephone_command(folder, site, sms_port),
            "mailbox": ["mailbox", "--file", str(folder / MAILBOX_FILE), "--port", str(mail_port)],
            "courier": ["courier", *here],
            "serve": ["serve", *here],
            "deskd": ["deskd", *here],
        }
        help_ = DemoHelpBuilder(folder, site, takes_pictures=not no_pictures)
        started = parts.enter_context(run_commands(commands, variables, folder / LOG_FOLDER))
        parts.enter_context(help_.build_and_illustrate(stopping.is_set))
        has_desk = not headless and all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
        if has_desk:
            exit_when_terminal_closes(parts)
        _watch(help_, started, stopping, headless=headless, has_desk=has_desk)


def _telephone_command(folder: Path, site: str, port: int) -> list[str]:
    files = ["--file", str(folder / TELEPHONE_FILE), "--secret-file", str(folder / SMS_SECRET_FILE)]
    return ["telephone", *files, "--port", str(port), "--username", SMS_USER, "--inbound", sms_answer_url(site)]


def _gateway(port: int) -> dict[str, str]:
    url = f"http://127.0.0.1:{port}{SENDSMS}"
    return {"url": url, "username": SMS_USER, "password_file": SMS_SECRET_FILE, "sender": "38000"}


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
    help_: DemoHelpBuilder, started: list[RunningCommand], stopping: Signal, *, headless: bool, has_desk: bool
) -> None:
    wait_until_ready(help_.site, started, stopping.is_set)
    if stopping.is_set():
        return
    click.echo(f"ready {help_.site}")
    if not headless:
        _tell_what_to_try(help_)
    if has_desk:
        open_demo_desk(help_, lambda: not stopping.is_set() and not any(each.ended for each in started))
        require_running(started)
        return
    while not stopping.wait(WATCH_SECONDS):
        require_running(started)


def _tell_what_to_try(help_: DemoHelpBuilder) -> None:
    site, folder = help_.site, help_.folder
    services = open_services(folder, ProgramKeyRole.OPERATOR)
    say(*words.TRY_FIRST, site=site, address=first_voter(folder)["email"])
    progress = help_.missing_pictures_sentence()
    if progress is not None:
        click.echo(f"  {translate_for_terminal(progress)}")
    say(words.TO_STOP, logs=str(folder / LOG_FOLDER))
    calendar, now = services.dependencies.calendar, datetime.now(PARIS)
    if calendar.phase(now) is ElectionPhase.CLOSED:
        say(words.OVER, closed_at=Moment(calendar.to_local(calendar.vote_closes)), folder=str(folder))

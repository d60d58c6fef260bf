"""`retrouve desk`: the agents' terminal."""

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click

from cli.program_version import program_version
from cli.terminal_language import terminal_language
from cli.terminal_owned_desk_daemon import TerminalOwnedDeskDaemon
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, say_error, translate_for_terminal
from core.adapters import logs
from core.adapters.exception_causes_for_log import error_type_and_code_locations
from core.app.settings import FILE
from core.desk.desk import TerminalServices
from core.desk.sessions_callers_and_approvals import AgentSession
from core.forms.errors import Refusal
from core.ports import StoreUnavailable
from core.remote_desk.remote_use_cases import RemoteTerminalServices, connect_to_daemon
from core.remote_desk.socket_messages import DESK_SOCKET
from core.text.faces import desk_cli_sentences as words
from core.text.text import Text

RUN = Path("/run/retrouve")
"""The folder in which the units make theirs (`deploy/systemd/retrouve-deskd@.service`)."""


@click.command(help=translate_for_terminal(words.TERMINAL_HELP))
@IN_FOLDER
@option("--socket", type=click.Path(path_type=Path), help=words.SOCKET_HELP)
@option("--linear", is_flag=True, help=words.LINEAR_HELP)
@option("--sheets-to-clipboard", is_flag=True, help=words.SHEETS_TO_CLIPBOARD_HELP)
def desk(directory: Path, socket: Path | None, *, linear: bool, sheets_to_clipboard: bool) -> None:
    """Open the terminal until the agent quits."""
    from tui.desk_app import DeskApp  # noqa: F401, PLC0415  # loaded while a daemon starts

    with ExitStack() as parts:
        found = socket or find_running_daemon_socket(directory)
        keep_running: Callable[[], bool] = lambda: True  # noqa: E731
        if found is None:
            child = parts.enter_context(TerminalOwnedDeskDaemon(directory))
            found, keep_running = child.socket, child.restart_if_killed
        access = connect_to_daemon_or_exit(found)
        parts.callback(access.close)
        open_terminal(
            access,
            keep_running=keep_running,
            remembers=True,
            linear=linear,
            sheets=None if sheets_to_clipboard else Path.home(),
        )


def find_running_daemon_socket(directory: Path) -> Path | None:
    """Return the socket of the daemon of a folder, or of the only daemon of this machine; None where one must be started."""
    own = directory / DESK_SOCKET
    if own.is_socket():
        return own
    if (directory / FILE).exists():
        return None
    running = sorted(RUN.glob(f"*/{DESK_SOCKET}"))
    if len(running) > 1:
        raise CommandRefused(words.SEVERAL, sockets=", ".join(map(str, running)))
    return running[0] if running else None


def connect_to_daemon_or_exit(socket: Path) -> RemoteTerminalServices:
    """Return the election of a daemon, or exit with the reason why it cannot be had."""
    try:
        return connect_to_daemon(socket, program_version())
    except StoreUnavailable as away:
        detail = getattr(away.__cause__, "strerror", None) or ""
        say_error(words.AWAY, socket=str(socket), detail=detail)
    except Refusal as refusal:
        sentences = (refusal.title, *refusal.remedy)
        click.echo(
            ". ".join(translate_for_terminal(each.fill(refusal.facts)).rstrip(".") for each in sentences) + ".",
            err=True,
        )
    sys.exit(os.EX_TEMPFAIL)


def open_terminal(
    access: TerminalServices,
    *,
    session: AgentSession | None = None,
    tips: tuple[Text, ...] = (),
    pictures: Callable[[], Text | None] = lambda: None,
    keep_running: Callable[[], bool] = lambda: True,
    remembers: bool = False,
    linear: bool = False,
    sheets: Path | None = None,
) -> None:
    """Open the terminal until the agent quits, or until a second after `keep_running` returns False.

    With `remembers` it looks as the agent chose last. Sheets of cases go into that folder, or to the clipboard.
    After an unexpected error it exits with a sentence, and one line for the operator.
    """
    from tui.desk_app import DeskApp  # noqa: PLC0415  # only where it is drawn
    from tui.remembered_theme_and_language import RememberedThemeAndLanguage, appearance_file  # noqa: PLC0415
    from tui.terminal_session import TerminalSession  # noqa: PLC0415

    nowhere = os.open(os.devnull, os.O_WRONLY)
    logs.configure_logs("critical", process="desk", descriptor=nowhere)  # the terminal is drawn on the error stream
    remembered = RememberedThemeAndLanguage(appearance_file(os.environ) if remembers else None)
    held = TerminalSession(
        access,
        terminal_language(os.environ),
        session,
        tips,
        pictures,
        remembered=remembered,
        linear=linear,
        sheets=sheets,
    )
    app = DeskApp(held, keep_running)
    app.run()
    if app.failure is not None:
        told = click.wrap_text(held.translator.say(words.TERMINAL_FAILED), shutil.get_terminal_size().columns - 1)
        click.echo(f"{told}\n{error_type_and_code_locations(app.failure)}", err=True)
        sys.exit(os.EX_SOFTWARE)

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import click

from cli.program_version import program_version
from cli.terminal_language import terminal_language
from cli.terminal_translation import say_error, translate_for_terminal
from core.adapters import logs
from core.adapters.log_causes import error_type_and_code_locations
from core.desk.authorisation import AgentSession
from core.desk.desk import TerminalDesk
from core.forms.errors import Refusal
from core.ports import StoreUnavailable
from core.remote_desk.client import RemoteDesk
from core.text.faces import desk_cli_sentences as words
from core.text.text import Text
from tui.appearance import RememberedThemeAndLanguage, appearance_file
from tui.desk_app import DeskApp
from tui.terminal_session import TerminalSession


def connect_to_daemon_or_exit(socket: Path) -> RemoteDesk:
    """Connect to the desk daemon. If this fails, print the reason and exit."""
    try:
        return RemoteDesk(socket, program_version())
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
    desk: TerminalDesk,
    *,
    session: AgentSession | None = None,
    tips: tuple[Text, ...] = (),
    missing_pictures_notice: Callable[[], Text | None] = lambda: None,
    keep_running: Callable[[], bool] = lambda: True,
    remembers: bool = False,
    linear: bool = False,
    case_sheet_folder: Path | None = None,
) -> None:
    """Run the terminal until the agent quits or `keep_running` returns False."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    logs.configure_logs("critical", process="desk", descriptor=nowhere)  # the terminal uses the error stream
    remembered = RememberedThemeAndLanguage(appearance_file(os.environ) if remembers else None)
    terminal_session = TerminalSession(
        desk,
        terminal_language(os.environ),
        session,
        tips,
        missing_pictures_notice,
        remembered=remembered,
        linear=linear,
        case_sheet_folder=case_sheet_folder,
    )
    app = DeskApp(terminal_session, keep_running)
    app.run()
    if app.failure is not None:
        explanation = terminal_session.translator.say(words.TERMINAL_FAILED)
        wrapped = click.wrap_text(explanation, shutil.get_terminal_size().columns - 1)
        click.echo(f"{wrapped}\n{error_type_and_code_locations(app.failure)}", err=True)
        sys.exit(os.EX_SOFTWARE)

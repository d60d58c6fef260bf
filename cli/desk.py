"""The command `retrouve desk`, which opens the terminal for a helpdesk agent."""

from contextlib import ExitStack
from pathlib import Path

import click

from cli.open_terminal import connect_to_daemon_or_exit, open_terminal
from cli.own_desk_daemon import OwnDeskDaemon
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, translate_for_terminal
from core.app import SETTINGS_FILE
from core.remote_desk.sockets import DESK_SOCKET
from core.text.faces import desk_cli_sentences as words

RUNTIME_FOLDERS = Path("/run/retrouve")
"""Folder where systemd creates a runtime folder for each desk daemon."""


@click.command(help=translate_for_terminal(words.TERMINAL_HELP))
@IN_FOLDER
@option("--socket", type=click.Path(path_type=Path), help=words.SOCKET_HELP)
@option("--linear", is_flag=True, help=words.LINEAR_HELP)
@option("--sheets-to-clipboard", is_flag=True, help=words.SHEETS_TO_CLIPBOARD_HELP)
def desk(directory: Path, socket: Path | None, *, linear: bool, sheets_to_clipboard: bool) -> None:
    with ExitStack() as parts:
        found = socket or find_running_daemon_socket(directory)
        child = None
        if found is None:
            child = parts.enter_context(OwnDeskDaemon(directory))
            found = child.socket
        if child is not None:
            child.wait_until_it_answers()
        remote = connect_to_daemon_or_exit(found)
        open_terminal(
            remote,
            keep_running=child.restart_if_killed if child else lambda: True,
            remembers=True,
            linear=linear,
            case_sheet_folder=None if sheets_to_clipboard else Path.home(),
        )


def find_running_daemon_socket(directory: Path) -> Path | None:
    """Return the running daemon's socket, if any. Raises CommandRefused if several daemons are running."""
    own = directory / DESK_SOCKET
    if own.is_socket():
        return own
    if (directory / SETTINGS_FILE).exists():
        return None
    running = sorted(RUNTIME_FOLDERS.glob(f"*/{DESK_SOCKET}"))
    if len(running) > 1:
        raise CommandRefused(words.SEVERAL, sockets=", ".join(map(str, running)))
    return running[0] if running else None
